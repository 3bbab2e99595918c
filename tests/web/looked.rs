//! Who of the staff looked at a child is noted, whatever page it was: the pages are
//! walked as the addresses stand, so that a new one is walked as well.
use crate::evidence::own_store;
use crate::handover::newest_package;
use crate::notice::noticed;
use crate::objection_photo::with_photo;
use crate::portfolio::graduate;
use crate::support::School;
use crate::who_may::{Row, WHO_MAY, Who, at};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Parts of an address by which it is about pupils.
const OF_PUPILS: [&str; 9] = [
    "{student}",
    "{class}",
    "{cohort}",
    "{activity}",
    "{contact}",
    "{objection}",
    "{handover}",
    "{case}",
    "{correction}",
];

/// Pages that leave no note, and why.
const NO_NOTE: [(&str, &str); 2] = [
    ("/case/{case}", "the case itself, its person and its reason are told to the family"),
    ("/county/scheme/{cohort}", "the cohort of a scheme: no pupil is in it"),
];

/// Pages that none of the worlds here opens, and where they are opened.
const ELSEWHERE: [(&str, &str); 2] = [
    ("/principal/objections/{objection}/photos/{ordinal}", "only who was given it sees it: objection_photo.rs"),
    ("/office/handover/pupil/{student}/portfolio.pdf", "what another school sent: handover.rs, and below"),
];

/// The cookies of those who have signed in, by login.
type SignedIn = HashMap<&'static str, HashMap<String, String>>;

/// The same school, in a house that has noted nothing yet today.
fn forgetful(school: School) -> School {
    let mut conn = school.raw();
    qinghe::on!(&mut conn, c => diesel::sql_query("DELETE FROM reading").execute(c)).unwrap();
    drop(conn);
    school.arranged(|_| {})
}

/// One page opened by one person: whether it was there, and how many notes it left.
async fn opened(
    school: &School,
    signed_in: &mut SignedIn,
    login: &'static str,
    (method, path): (&str, &str),
) -> (u16, i64) {
    let before = school.count("reading");
    let person = match signed_in.get(login) {
        Some(cookies) => {
            let person = school.visitor();
            person.cookies.borrow_mut().clone_from(cookies);
            person
        }
        None => school.sign_in_now(login).await,
    };
    signed_in.insert(login, person.cookies.borrow().clone());
    let answer = if method == "GET" { person.get(path).await } else { person.post(path, &[]).await };
    (answer.status, school.count("reading") - before)
}

/// What a server prints by itself.
async fn printed(school: &School) {
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
}

fn about_pupils(row: &&Row) -> bool {
    let family_or_anyone = ["/child/", "/verify", "/join", "/welcome"].iter().any(|door| row.pattern.starts_with(door));
    let by_class = BY_CLASS.iter().any(|door| row.pattern.starts_with(door));
    row.method == "GET" && !family_or_anyone && !by_class && OF_PUPILS.iter().any(|part| row.pattern.contains(part))
}

/// Walks the pages whose address `example` can fill in; those that were there.
async fn walk(mut school: School, example: impl Fn(&School, &Row) -> Option<String>) -> BTreeSet<&'static str> {
    let (mut there, mut signed_in) = (BTreeSet::new(), SignedIn::new());
    for row in WHO_MAY.iter().filter(about_pupils) {
        let Who::Only(who) = row.who else { panic!("{} is about pupils and everybody's", row.pattern) };
        let Some(path) = example(&school, row) else { continue };
        // Each of them leaves a note of their own.
        school = forgetful(school);
        for login in who {
            let (status, notes) = opened(&school, &mut signed_in, login, (row.method, &path)).await;
            let whole_school = row.pattern.starts_with("/office/") || row.pattern.starts_with("/principal/");
            let excused = NO_NOTE.iter().any(|(pattern, _)| row.pattern.starts_with(pattern));
            match status {
                200 if excused => assert_eq!(notes, 0, "{} needs no excuse", row.pattern),
                200 => assert!(notes > 0, "{path} ({}) was opened by {login} and nobody would know", row.pattern),
                _ if whole_school => assert_eq!(notes, 0, "{path}: {login} was turned away ({status})"),
                _ => {}
            }
            if status == 200 {
                there.insert(row.pattern);
            }
        }
    }
    there
}

#[actix_web::test]
async fn every_page_of_a_child_that_staff_can_open_leaves_a_note_or_has_its_reason() {
    let (school, _) = own_store();
    let [activity, _] = noticed(&school).await;
    let objection = with_photo(&school, &school.sign_in("li-parent").await).await;
    let reports = format!("/office/reports/{}/2026-1", school.map.class);
    assert_eq!(school.sign_in("office1").await.post(&reports, &[]).await.status, 303);
    printed(&school).await;
    let mut there = walk(school, |school, row| {
        let example = row.example.replace("records/{li}", &format!("records/{activity}"));
        Some(at(school, &example.replace("objections/{li}", &format!("objections/{objection}"))))
    })
    .await;

    let school = School::open();
    graduate(&school).await;
    let package = {
        let office = school.sign_in_now("office1").await;
        assert_eq!(office.post("/office/print/2025", &[]).await.status, 303);
        printed(&school).await;
        newest_package(&office, school.map.li).await
    };
    there.extend(
        walk(school, |school, row| {
            let doors = ["/office/print/", "/office/graduation/", "/principal/graduation/"];
            let kept = doors.iter().any(|door| row.pattern.starts_with(door)) || row.pattern.contains("{handover}");
            let example = row.example.replace("/office/handover/{li}", &package);
            kept.then(|| at(school, &example))
        })
        .await,
    );

    let never: Vec<&str> = WHO_MAY
        .iter()
        .filter(about_pupils)
        .map(|row| row.pattern)
        .filter(|pattern| !there.contains(pattern))
        .filter(|pattern| ELSEWHERE.iter().all(|(known, _)| known != pattern))
        .filter(|pattern| NO_NOTE.iter().all(|(door, _)| !pattern.starts_with(door)))
        .collect();
    assert!(never.is_empty(), "nobody has opened {never:#?}");
}

/// Doors that are a class's: their keeper notes whoever enters, before any page is asked,
/// which a test of its own holds; they are not walked page by page.
const BY_CLASS: [&str; 2] = ["/class/{class}/", "/subject/{class}"];

#[actix_web::test]
async fn whoever_enters_a_class_is_noted_before_any_page_is_found() {
    let mut school = School::open();
    let class = school.map.class;
    for (login, path) in
        [("lin", format!("/class/{class}/records/{class}")), ("fang", format!("/subject/{class}/objections/{class}"))]
    {
        school = forgetful(school);
        let (status, notes) = opened(&school, &mut SignedIn::new(), login, ("GET", &path)).await;
        assert_eq!((status, notes), (404, 1), "{path}");
    }
}

#[actix_web::test]
async fn lists_and_files_that_name_no_pupil_in_their_address_are_noted_as_well() {
    let (mut school, _) = own_store();
    noticed(&school).await;
    with_photo(&school, &school.sign_in("li-parent").await).await;
    let class = school.map.class;
    let (booklet, families) =
        (format!("/office/reports/{class}/2026-1/booklet"), format!("/office/families?class={class}"));
    for (login, method, path) in [
        ("office1", "GET", "/office/objections"),
        ("principal1", "GET", "/principal/objections"),
        ("office1", "GET", &families),
        ("office1", "POST", &booklet),
    ] {
        school = forgetful(school);
        let (status, notes) = opened(&school, &mut SignedIn::new(), login, (method, path)).await;
        assert_eq!((status, notes), (200, 1), "{path}");
    }
    let (status, notes) = opened(&school, &mut SignedIn::new(), "office2", ("GET", &families)).await;
    assert_eq!((status, notes), (404, 0), "another school's class");
}

#[actix_web::test]
async fn a_family_is_told_of_the_principal_and_of_a_correction_that_was_read() {
    let school = School::open();
    crate::correction::sealed(&school).await;
    let (li, class) = (school.map.li, school.map.class);
    let (lin, principal) = (school.sign_in_now("lin").await, school.sign_in_now("principal1").await);
    let parent = school.sign_in_now("li-parent").await;
    let data = format!("/child/{li}/data");
    assert_eq!(principal.get("/principal/corrections").await.status, 200);
    assert!(!parent.get(&data).await.text.contains("校长 赵启明"), "an empty list shows nobody");
    let wish = [("item", "moral"), ("band", "excellent"), ("ground", "获县级美德少年"), ("why", "漏了县里的表彰。")];
    assert_eq!(lin.post(&format!("/class/{class}/correction/{li}/2026-1"), &wish).await.status, 303);
    assert!(principal.get("/principal/corrections").await.text.contains("李沐阳"));
    let told = parent.get(&data).await.text;
    assert_eq!(told.matches("校长 赵启明").count(), 1, "{told}");
    assert!(!told.contains("教务 张立新"), "who has not looked is not told");
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.get(&format!("/office/correction/{class}/{li}/2026-1")).await.status, 200);
    assert_eq!(parent.get(&data).await.text.matches("教务 张立新").count(), 1);
    let other = school.sign_in_now("chen-parent").await.get(&format!("/child/{}/data", school.map.yu)).await;
    assert_eq!(other.status, 404);
}

#[actix_web::test]
async fn a_family_that_has_left_the_class_is_told_who_opens_what_it_left_behind() {
    let school = School::open();
    let li = school.map.li;
    let office = school.sign_in("office1").await;
    let gone = [("kind", "leave"), ("on", "2027-01-04"), ("reason", "养病")];
    let moved = office.post(&format!("/office/pupils/{li}"), &gone).await;
    assert_eq!(moved.status, 303, "{}", moved.text);
    school.clock.set(school.clock.now() + chrono::Duration::days(3));
    let (office, lin) = (school.sign_in_now("office1").await, school.sign_in_now("lin").await);
    assert_eq!(office.get(&format!("/office/pupils/{li}")).await.status, 200);
    assert_eq!(lin.get(&format!("/class/{}/grid", school.map.class)).await.status, 200);
    let told = school.sign_in_now("li-parent").await.get(&format!("/child/{li}/data")).await.text;
    assert!(told.contains("教务 张立新"), "{told}");
    assert!(!told.contains("班主任 林静"), "the class goes on without the child: {told}");
}
