//! What a family reads and keeps when junior high is over.
use crate::portfolio::{graduate, moment, sealed_files};
use crate::support::School;
use qinghe::portfolio::file::GraduationFile;
use qinghe::portfolio::work_at_runs;

const PRINT: &str = "/office/print/2025";

#[actix_web::test]
async fn a_family_reads_the_sealed_portfolio_and_takes_its_print_home_and_no_other() {
    let school = School::open();
    let li = school.map.li;
    let (page, pdf) = (format!("/child/{li}/graduation"), format!("/child/{li}/portfolio.pdf"));
    assert_eq!(school.sign_in("li-parent").await.get(&pdf).await.status, 404, "not before the seal");
    graduate(&school).await;
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let (file, ..) = files.iter().find(|(file, ..)| file.student.id == li).unwrap();

    let parent = school.sign_in_now("li-parent").await;
    let sealed = parent.get(&page).await.text;

    assert!(sealed.contains("毕业成长档案") && sealed.contains(&file.code), "{sealed}");
    assert!(sealed.contains("g-good") && sealed.contains("三年里做事有头有尾，待人和气。"), "{sealed}");
    assert!(sealed.contains("无记录") && sealed.contains("还没有制作好"), "{sealed}");
    assert_eq!(parent.get(&pdf).await.status, 404, "not before the print");
    assert!(parent.get(&format!("/child/{li}")).await.text.contains(&page), "and the child's page leads there");

    let office = school.sign_in_now("office1").await;
    assert_eq!(office.post(PRINT, &[]).await.status, 303);
    assert!(work_at_runs(&school.operator().school_office("3121042101").await.unwrap()).await.unwrap());
    assert!(parent.get(&page).await.text.contains(&pdf));
    let kept = parent.get(&pdf).await;
    assert_eq!((kept.status, kept.media_type.as_str()), (200, "application/pdf"));
    let from_office = office.get(&format!("/office/handover/pupil/{li}/portfolio.pdf")).await;
    assert!(kept.bytes == from_office.bytes, "the very file of the office");
    let other = school.sign_in_now("chen-parent").await;
    assert_eq!((other.get(&pdf).await.status, other.get(&page).await.status), (404, 404));

    let back = [("code", file.code.as_str()), ("reason", "印错了人")];
    assert_eq!(office.post(&format!("{PRINT}/withdraw"), &back).await.status, 303);
    let told = parent.get(&page).await.text;
    assert!(told.contains("撤回了这一份") && !told.contains(&pdf), "{told}");
    assert_eq!(parent.get(&pdf).await.status, 404);
}

#[actix_web::test]
async fn when_junior_high_is_over_a_family_reads_and_writes_nothing_more() {
    let school = School::open();
    let li = school.map.li;
    graduate(&school).await;
    // The calendar goes on without the child.
    let mut conn = school.raw();
    let next = "INSERT INTO term (id, starts_on, ends_on) VALUES (20281, '2028-09-01', '2029-01-12')";
    qinghe::on!(&mut conn, c => diesel::RunQueryDsl::execute(diesel::sql_query(next), c)).unwrap();
    school.clock.set(moment(2028, 10, 10));
    let (parent, child) = (school.sign_in_now("li-parent").await, format!("/child/{li}"));

    let timeline = parent.get(&format!("{child}/records")).await;
    assert_eq!(timeline.status, 200, "{}", timeline.text);
    assert!(timeline.text.contains("九下") && !timeline.text.contains("记一件事") && !timeline.text.contains("2028"));
    for page in ["records/new", "housework"] {
        let told = parent.get(&format!("{child}/{page}")).await.text;
        assert!(told.contains("已经毕业") && !told.contains("name=\"act\""), "{page}: {told}");
    }
    let handed_in = crate::record::hand_in(&parent, li, &[("on", "2028-10-09")]).await;
    assert!(handed_in.status == 409 && handed_in.text.contains("已经毕业"), "{} {}", handed_in.status, handed_in.text);
    let week = [("week", "2028-10-09"), ("act", "confirm"), ("did_dishes", "on")];
    let said = parent.post(&format!("{child}/housework"), &week).await;
    assert!(said.status == 409 && said.text.contains("已经毕业"), "{} {}", said.status, said.text);
    assert_eq!((school.count("record WHERE term = 20281"), school.count("housework WHERE term = 20281")), (0, 0));
}
