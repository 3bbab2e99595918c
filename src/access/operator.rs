//! The server's own command line. It founds a county, and does the office's work
//! where a command asks for it; every act is journalled as the operator's. In a
//! demonstration county, and only there, it can also stand in for its people.

use super::keeper::Entering;
use super::staff::SchoolName;
use super::{
    Actor, Committee, CountySystem, CountyWide, Desk, Door, EverySchool, Family, Health, Homeroom, InSchool, Organiser,
    PhysicalEducation, Principal, Refused, SchoolOffice, Subject,
};
use crate::journal;
use crate::names::{AccountId, ClassId, Role, SchoolId, StudentId};
use crate::platform::db::{Conn, Reach};
use crate::schema::{account, county, key_name, school};
use diesel::prelude::*;

#[derive(Clone)]
pub struct Operator {
    desk: Desk<CountyWide>,
}

fn at_the_command_line() -> Actor {
    Actor { account: None, role: Role::Operator, name: "命令行".to_owned() }
}

impl Operator {
    pub fn at(door: &Door) -> Self {
        Operator { desk: Desk::of(door.clone(), at_the_command_line(), CountyWide) }
    }

    /// County-wide acts of the operator.
    pub fn county(&self) -> &Desk<CountyWide> {
        &self.desk
    }

    /// Reads how far the schools are, as the county's office does.
    pub fn process(&self) -> Desk<EverySchool> {
        Desk::of(self.desk.door().clone(), at_the_command_line(), EverySchool::granted())
    }

    /// Whether a county has been founded in this database.
    pub async fn is_founded(&self) -> Result<bool, Refused> {
        self.desk.look(|look| Ok(county::table.count().get_result::<i64>(look.conn())? > 0)).await
    }

    /// Founds the county: its name, its chain in the journal, the names of the keys
    /// its secrets are sealed with.
    pub async fn found(&self, name: &str) -> Result<(), Refused> {
        let (door, name) = (self.desk.door().clone(), name.to_owned());
        super::off_the_loop(move || {
            let now = door.house().clock.now();
            door.database().write(Reach::All, |conn| {
                diesel::insert_into(county::table)
                    .values((county::name.eq(&name), county::code.eq(&door.house().county_code)))
                    .execute(conn)?;
                journal::begin(conn, journal::COUNTY_CHAIN)?;
                for (purpose, kid) in door.house().keys.names() {
                    diesel::insert_into(key_name::table)
                        .values((key_name::kid.eq(kid), key_name::purpose.eq(purpose.code()), key_name::since.eq(now)))
                        .execute(conn)?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The office of the school with this code, its work done by the operator.
    ///
    /// # Errors
    /// [`Refused::Invalid`] when no school has the code.
    pub async fn school_office(&self, code: &str) -> Result<SchoolOffice, Refused> {
        let wanted = code.to_owned();
        let found: Option<(SchoolId, String)> = self
            .desk
            .look(move |look| {
                Ok(school::table
                    .filter(school::code.eq(wanted))
                    .select((school::id, school::name))
                    .first(look.conn())
                    .optional()?)
            })
            .await?;
        let (id, name) = found.ok_or_else(|| {
            Refused::invalid("school", format!("没有标识码为 {code} 的学校。请核对 10 位学校标识码。"))
        })?;
        let desk = Desk::of(self.desk.door().clone(), at_the_command_line(), InSchool::granted(id));
        Ok(SchoolOffice::at_the_command_line(desk, SchoolName { code: code.to_owned(), name }))
    }

    /// Reads everything, for what is about the whole database: a backup, a check
    /// of the journal.
    pub async fn survey<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, Refused> + Send + 'static,
    {
        let door = self.desk.door().clone();
        super::off_the_loop(move || door.database().read(Reach::All, f)).await
    }

    /// Upkeep that is no act about the record: the night's signature over the
    /// journal, what has expired.
    pub async fn keep_house<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, Refused> + Send + 'static,
    {
        let door = self.desk.door().clone();
        super::off_the_loop(move || door.database().write(Reach::All, f)).await
    }

    /// Someone of the demonstration county.
    ///
    /// # Errors
    /// [`Refused::NotFound`] anywhere but in a demonstration county.
    pub fn stand_in(&self, account: AccountId) -> Result<StandIn, Refused> {
        if !self.desk.house().demo {
            return Err(Refused::NotFound);
        }
        Ok(StandIn { door: self.desk.door().clone(), account })
    }
}

/// A person of the demonstration county whose part the program plays.
pub struct StandIn {
    door: Door,
    account: AccountId,
}

impl StandIn {
    async fn enter<G: Send + 'static>(
        &self,
        path: &[(&str, String)],
        admit: fn(&mut Conn, &Entering) -> Result<G, Refused>,
    ) -> Result<G, Refused> {
        let mut entering = Entering::standing_in(&self.door, self.account, path);
        let door = self.door.clone();
        super::off_the_loop(move || {
            door.database().read(Reach::All, |conn| {
                entering.who.name = account::table.find(entering.who.account).select(account::name).first(conn)?;
                admit(conn, &entering)
            })
        })
        .await
    }

    pub async fn homeroom(&self, class: ClassId) -> Result<Homeroom, Refused> {
        self.enter(&[("class", class.to_string())], Homeroom::admitted).await
    }

    pub async fn subject(&self, class: ClassId) -> Result<Subject, Refused> {
        self.enter(&[("class", class.to_string())], Subject::admitted).await
    }

    pub async fn physical_education(&self, class: ClassId) -> Result<PhysicalEducation, Refused> {
        self.enter(&[("class", class.to_string())], PhysicalEducation::admitted).await
    }

    pub async fn family(&self, student: StudentId) -> Result<Family, Refused> {
        self.enter(&[("student", student.to_string())], Family::admitted).await
    }

    pub async fn county(&self) -> Result<CountySystem, Refused> {
        self.enter(&[], super::county::admitted).await
    }

    pub async fn principal(&self) -> Result<Principal, Refused> {
        self.enter(&[], Principal::admitted).await
    }

    pub async fn organiser(&self) -> Result<Organiser, Refused> {
        self.enter(&[], Organiser::admitted).await
    }

    pub async fn committee(&self) -> Result<Committee, Refused> {
        self.enter(&[], Committee::admitted).await
    }

    pub async fn health(&self) -> Result<Health, Refused> {
        self.enter(&[], Health::admitted).await
    }

    pub async fn office(&self) -> Result<SchoolOffice, Refused> {
        self.enter(&[], SchoolOffice::admitted).await
    }
}
