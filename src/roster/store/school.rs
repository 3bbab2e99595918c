use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx};
use crate::journal;
use crate::names::SchoolId;
use crate::schema::school;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A school of the county, in the order of codes.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct School {
    pub id: SchoolId,
    /// 10 digits: class, province, serial; no check digit.
    pub code: String,
    pub name: String,
}

/// A school joins the county.
#[derive(Serialize)]
pub struct JoinSchool {
    pub code: String,
    pub name: String,
}

impl JoinSchool {
    /// # Errors
    /// A code that is not 10 digits, or not one of a school with junior-high
    /// grades in Liaoning (`31 21 …`), or an empty name.
    pub fn check(code: &str, name: &str) -> Result<Self, Refused> {
        let code = crate::platform::text::code_like(code);
        if code.len() != 10 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refused::invalid("school", format!("学校标识码“{code}”应为 10 位数字。请照学籍系统里的写。")));
        }
        let name = crate::platform::text::tidy(name);
        if name.is_empty() {
            return Err(Refused::invalid("school", "请写学校名称。"));
        }
        Ok(JoinSchool { code, name })
    }
}

impl Act<CountyWide> for JoinSchool {
    const VERB: &'static str = "school_joined";
    type Done = SchoolId;

    fn about(&self) -> serde_json::Value {
        json!({ "school": self.code })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<SchoolId, Refused> {
        let now = tx.now();
        let taken: i64 = school::table.filter(school::code.eq(&self.code)).count().get_result(tx.conn())?;
        if taken > 0 {
            return Err(Refused::conflict(format!("标识码 {} 的学校已经在了。", self.code)));
        }
        let last: Option<i32> = school::table.select(max(school::id)).first(tx.conn())?;
        let id = SchoolId(last.unwrap_or(0) + 1);
        diesel::insert_into(school::table)
            .values((
                school::id.eq(id),
                school::code.eq(&self.code),
                school::name.eq(&self.name),
                school::joined_at.eq(now),
            ))
            .execute(tx.conn())?;
        journal::begin(tx.conn(), id)?;
        Ok(id)
    }
}

/// All schools, by code: never by anything they achieve.
pub fn schools<S: Scope>(look: &mut Look<S>) -> Result<Vec<School>, Refused> {
    Ok(school::table.order(school::code).select((school::id, school::code, school::name)).load(look.conn())?)
}
