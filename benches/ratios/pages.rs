//! A page, beside the same reads behind the same keepers with a constant body.

use crate::{Bench, Person, cpu, line, median};
use actix_web::http::header;
use actix_web::test::{self, TestRequest};
use actix_web::{HttpResponse, get};
use qinghe::access::{Family, Homeroom};
use qinghe::cycle::{signatures_of, term_of_class};
use qinghe::evaluation::{child_comments, child_messages, child_sheets, class_comments, class_sheets};
use qinghe::roster::calendar::working_days;
use qinghe::roster::{at_school, class_list};
use qinghe::scheme::scheme_of;

const PAGE_ROUNDS: usize = 7;
const PAGES_A_ROUND: usize = 400;

static CONSTANT: [u8; 40_000] = [b'x'; 40_000];

#[get("/constant")]
pub(crate) async fn constant_grid(homeroom: Homeroom) -> HttpResponse {
    let own = homeroom.class();
    let read = homeroom.look(move |look| {
        let today = look.today();
        let (dates, _) = term_of_class(look, &own.into(), own.term())?;
        working_days(look, today, dates.ends_on)?;
        scheme_of(look, own.cohort(), own.term())?;
        Ok((
            class_list(look, &own, dates)?,
            class_sheets(look, &own, dates, own.term())?,
            class_comments(look, &own, dates)?,
        ))
    });
    assert!(!read.await.unwrap().0.is_empty());
    HttpResponse::Ok().body(&CONSTANT[..])
}

#[get("/constant")]
pub(crate) async fn constant_child(family: Family) -> HttpResponse {
    let child = family.child();
    let read = family.look(move |look| {
        let at_school = at_school(look, child)?;
        scheme_of(look, at_school.class.name.cohort, at_school.term.term)?;
        signatures_of(look, child.student())?;
        Ok((child_sheets(look, child)?, child_comments(look, child)?, child_messages(look, child)?))
    });
    read.await.unwrap();
    HttpResponse::Ok().body(&CONSTANT[..20_000])
}

impl Bench {
    /// CPU milliseconds for one page, median of rounds, ours and the constant one in turn.
    async fn page(&self, person: &Person, address: &str, constant: &str, gzip: bool) -> (f64, f64, usize) {
        let (mut ours, mut theirs, mut length) = (Vec::new(), Vec::new(), 0);
        for _ in 0..PAGE_ROUNDS {
            for (served, address, all) in [(&self.app, address, &mut ours), (&self.constant, constant, &mut theirs)] {
                let before = cpu();
                for _ in 0..PAGES_A_ROUND {
                    let mut request = TestRequest::get().uri(address);
                    if gzip {
                        request = request.insert_header((header::ACCEPT_ENCODING, "gzip"));
                    }
                    let answer = served(person.request(request)).await;
                    assert_eq!(answer.status(), 200, "{address}");
                    length = test::read_body(answer).await.len();
                }
                all.push((cpu() - before) * 1000.0 / PAGES_A_ROUND as f64);
            }
        }
        (median(ours), median(theirs), length)
    }

    pub(crate) async fn pages(&self) {
        let (class, teacher) = &self.homerooms[0];
        let grid = (format!("/class/{class}/grid"), format!("/class/{class}/constant"));
        let child = (format!("/child/{}", self.child), format!("/child/{}/constant", self.child));
        for (what, person, (page, constant), wanted) in
            [("班级表一页 CPU", teacher, &grid, "≤ 1.0 ms"), ("家长一页 CPU", &self.guardian, &child, "≤ 0.5 ms")]
        {
            for gzip in [false, true] {
                let (ours, ceiling, _) = self.page(person, page, constant, gzip).await;
                let what = if gzip { format!("{what}，gzip") } else { what.to_owned() };
                let wanted = if gzip { "" } else { wanted };
                line(
                    &what,
                    format!("{ours:.2} ms"),
                    format!("{ceiling:.2} ms"),
                    format!("{:.2}", ours / ceiling),
                    wanted,
                );
            }
        }
    }
}
