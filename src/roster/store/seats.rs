use crate::access::own::{class, enrolment};
use crate::access::{Act, Refused, Tx};
use crate::names::{ClassId, EnrolmentId, StudentId};
use crate::schema::student;
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// The office numbers a class's seats anew by pinyin, from a day on. Lists of the days
/// before keep the seats they had: a new number is a new stay.
#[derive(Serialize)]
pub struct NumberSeats {
    pub class: ClassId,
    pub on: NaiveDate,
}

impl Act for NumberSeats {
    const VERB: &'static str = "seats_numbered";
    /// How many pupils have another number than before.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let there: i64 = tx.own(class::rows).filter(class::id.eq(self.class)).count().get_result(tx.conn())?;
        if there == 0 {
            return Err(Refused::NotFound);
        }
        let today = tx.today();
        if self.on > today + Days::new(62) || self.on + Days::new(62) < today {
            return Err(Refused::invalid("from", "请写前后两个月以内的日子。"));
        }
        type Row = (EnrolmentId, StudentId, i32, Option<String>, NaiveDate, Option<NaiveDate>, String, String);
        let mut stays: Vec<Row> = tx
            .own(enrolment::rows)
            .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
            .filter(enrolment::class_id.eq(self.class))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(self.on)))
            .order(enrolment::seat)
            .select((
                enrolment::id,
                student::id,
                enrolment::seat,
                enrolment::auxiliary,
                enrolment::entered_on,
                enrolment::left_on,
                student::pinyin,
                student::name,
            ))
            .load(tx.conn())?;
        if let Some(row) = stays.iter().find(|row| row.5.is_some() || row.4 >= self.on) {
            let why = format!("{}在这一天前后刚有异动。请选异动以后的日子，或等它生效再排。", row.7);
            return Err(Refused::invalid("from", why));
        }
        if stays.len() > 99 {
            return Err(Refused::invalid("from", "班里超过 99 人，排不下。"));
        }
        stays.sort_by(|a, b| (&a.6, &a.7, a.2).cmp(&(&b.6, &b.7, b.2)));
        let anew: Vec<(Row, i32)> = stays.into_iter().zip(1..).filter(|(row, seat)| row.2 != *seat).collect();
        // All stand up before anyone sits down: two at one seat are never let in.
        for (row, _) in &anew {
            let stay = tx.own(enrolment::rows).filter(enrolment::id.eq(row.0));
            diesel::update(stay).set(enrolment::left_on.eq(self.on - Days::new(1))).execute(tx.conn())?;
        }
        for (row, seat) in &anew {
            tx.put(
                enrolment::rows,
                (
                    enrolment::id.eq(EnrolmentId::new()),
                    enrolment::student_id.eq(row.1),
                    enrolment::class_id.eq(self.class),
                    enrolment::seat.eq(*seat),
                    enrolment::auxiliary.eq(row.3.clone()),
                    enrolment::entered_on.eq(self.on),
                ),
            )?;
        }
        Ok(anew.len())
    }
}
