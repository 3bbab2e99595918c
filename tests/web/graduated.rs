//! What a family reads and keeps when junior high is over.
use crate::portfolio::{graduate, sealed_files};
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
