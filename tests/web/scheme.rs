//! The county's desk: schemes in versions, windows, the calendar.
use crate::support::{Answer, Person, School, TERM};
use chrono::NaiveDate;
use qinghe::cycle::{Step, window};
use qinghe::names::{Cohort, Half, Term};
use qinghe::roster::calendar::working_days;
use qinghe::scheme::scheme_of;

/// What the form of a page holds, as a browser would send it back.
pub fn fields(page: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let value = |tag: &str, name: &str| {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[from..].split('"').next()?.replace("&quot;", "\"").replace("&amp;", "&"))
    };
    for tag in page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let Some(name) = value(tag, "name") else { continue };
        let ticks = tag.contains("type=\"checkbox\"") || tag.contains("type=\"radio\"");
        if name != "csrf" && (!ticks || tag.contains(" checked")) {
            fields.push((name, value(tag, "value").unwrap_or_default()));
        }
    }
    for area in page.split("<textarea").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap();
        if let Some(name) = value(tag, "name") {
            fields.push((name, rest.split("</textarea>").next().unwrap().to_owned()));
        }
    }
    fields
}

/// Sends the page's own form back with some fields changed; an empty new value of a
/// switch takes its tick away.
pub async fn send_with(person: &Person<'_>, page: &str, to: &str, changed: &[(&str, &str)]) -> Answer {
    let answer = person.get(page).await;
    assert_eq!(answer.status, 200, "{page}: {}", answer.text);
    let mut form = fields(&answer.text);
    for (name, value) in changed {
        form.retain(|(known, _)| known != name);
        if !(value.is_empty()
            && (name.starts_with("on_") || name.starts_with("voice_") || name.starts_with("dimension_")))
        {
            form.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    person.post(to, &form).await
}

const EDIT: &str = "/county/scheme/2020";

/// The county changes something and publishes it.
pub async fn publish(school: &School, changed: &[(&str, &str)]) {
    let county = school.sign_in("county").await;
    let kept = send_with(&county, EDIT, EDIT, changed).await;
    assert_eq!((kept.status, kept.location.as_str()), (303, "/county/scheme/2020/check"), "{}", kept.text);
    let published =
        send_with(&county, &format!("{EDIT}/check"), &format!("{EDIT}/publish"), &[("reason", "教研室调整")]).await;
    assert_eq!(published.status, 303, "{}", published.text);
}

async fn days_of(school: &School, term: Term) -> usize {
    let office = school.operator().school_office("3121042101").await.unwrap();
    office.look(move |look| Ok(scheme_of(look, Cohort(2025), term)?.notice_days)).await.unwrap()
}

#[actix_web::test]
async fn a_draft_is_checked_and_published_as_a_version_with_a_reason() {
    let school = School::open();
    let county = school.sign_in("county").await;
    let kept = send_with(
        &county,
        EDIT,
        EDIT,
        &[
            ("notice_days", "10"),
            ("band_developing", "加油"),
            ("on_D22", "1"),
            ("voice_peer", ""),
            ("off_2", "L32 X11"),
        ],
    )
    .await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let check = county.get("/county/scheme/2020/check").await.text;
    for said in [
        "公示几个工作日：“5”改为“10”",
        "等级用词：“待提高”改为“加油”",
        "观测点 D22“诚实守信”：启用",
        "同学互评：“参加”改为“不参加”",
        "柳河乡九年一贯制学校：不用 L32、X11",
    ] {
        assert!(check.contains(said), "{said}: {check}");
    }
    // Nothing holds before it is published, and not without a reason.
    assert!(!county.get("/county/scheme").await.text.contains("第 2 版"));
    let (to, page) = (format!("{EDIT}/publish"), format!("{EDIT}/check"));
    let hasty = send_with(&county, &page, &to, &[("reason", " ")]).await;
    assert!(hasty.status == 422 && hasty.text.contains("请写一句为什么改"), "{}", hasty.text);
    let stale = county.post(&to, &[("seen", "1"), ("reason", "改")]).await;
    assert!(stale.status == 409 && stale.text.contains("不一样了"), "{}", stale.text);
    assert_eq!(send_with(&county, &page, &to, &[("reason", "按督导意见调整")]).await.status, 303);
    let list = county.get("/county/scheme").await.text;
    assert!(list.contains("第 2 版") && list.contains("按督导意见调整"), "{list}");
    let version = county.get("/county/scheme/2020/2").await.text;
    assert!(version.contains("按督导意见调整") && version.contains("“5”改为“10”"), "{version}");
    let again = county.post(&to, &[("seen", "1"), ("reason", "再发")]).await;
    assert!(again.status == 409 && again.text.contains("没有要发布的草稿"), "{}", again.text);
    let said = {
        use diesel::prelude::*;
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query("UPDATE scheme SET version = 9").execute(c)).unwrap_err()
    };
    assert!(said.to_string().contains("append-only"), "{said}");
}

#[actix_web::test]
async fn a_version_published_in_mid_term_changes_the_next_term_only() {
    let school = School::open();
    let (now, next) = (Term::of(2026, Half::First), Term::of(2026, Half::Second));
    publish(&school, &[("notice_days", "10"), ("band_developing", "加油")]).await;
    assert_eq!((days_of(&school, now).await, days_of(&school, next).await), (5, 10));
    // A change while that next term runs does not reach it either.
    school.clock.set(NaiveDate::from_ymd_opt(2027, 4, 1).unwrap().and_hms_opt(9, 0, 0).unwrap());
    let county = school.sign_in_now("county").await;
    assert_eq!(send_with(&county, EDIT, EDIT, &[("notice_days", "7")]).await.status, 303);
    let to = format!("{EDIT}/publish");
    let published = send_with(&county, &format!("{EDIT}/check"), &to, &[("reason", "再调整")]).await;
    assert_eq!(published.status, 303, "{}", published.text);
    let after = Term::of(2027, Half::First);
    assert_eq!((days_of(&school, now).await, days_of(&school, next).await, days_of(&school, after).await), (5, 10, 7));
}

#[actix_web::test]
async fn the_grid_under_way_keeps_its_words() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let grid = format!("/class/{}/grid", school.map.class);
    publish(&school, &[("band_developing", "加油")]).await;
    let shown = lin.get(&grid).await.text;
    assert!(shown.contains("待提高") && !shown.contains("加油"));
}

#[actix_web::test]
async fn a_scheme_typed_wrongly_is_refused_and_keeps_what_was_typed() {
    let school = School::open();
    let county = school.sign_in("county").await;
    for (field, value, said) in [
        ("notice_days", "三十一", "公示的工作日应是 1 到 30 的整数，现在写的是“三十一”"),
        ("peers", "2", "每人评的同学数应是 3 到 8 的整数"),
        ("band_good", "优秀", "等级用词“优秀”写了两次"),
        ("band_good", "80分", "等级只用词，不写数字"),
        ("domain_moral", "", "“德”育的名称还空着"),
        ("off_1", "L32 Q99", "“Q99”不是观测点的编号"),
        ("notice_audience", "everyone", "请选公示给本班还是本年级看"),
    ] {
        let answer = send_with(&county, EDIT, EDIT, &[(field, value), ("no_record", "暂无")]).await;
        assert_eq!(answer.status, 422, "{field}");
        assert!(answer.text.contains(said) && answer.text.contains("value=\"暂无\""), "{said}: {}", answer.text);
    }
    assert_eq!(county.get("/county/scheme/2020/check").await.location, EDIT, "nothing was kept");
    for (year, said) in [("明年", "不是入学的年份"), ("2020", "已经有自己的方案")] {
        let answer = county.post("/county/scheme", &[("year", year)]).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{}", answer.text);
    }
    assert_eq!(county.post("/county/scheme", &[("year", "2027")]).await.location, "/county/scheme/2027");
    assert_eq!(county.get("/county/scheme/2031").await.status, 404);
}

async fn present_window(school: &School, code: &str, step: Step) -> qinghe::cycle::Window {
    let office = school.operator().school_office(code).await.unwrap();
    office.look(move |look| window(look, step, crate::support::term())).await.unwrap()
}

#[actix_web::test]
async fn windows_are_the_countys_and_a_school_gets_longer_with_a_reason() {
    let school = School::open();
    let county = school.sign_in("county").await;
    let open = present_window(&school, "3121042101", Step::Pupil).await;
    assert!(open == qinghe::cycle::Window::default() && open.is_open(crate::support::today().date()));
    let page = "/county/windows";
    let set = send_with(&county, page, page, &[("opens_self", "2026-12-21"), ("closes_self", "2027-01-08")]).await;
    assert_eq!(set.status, 303, "{}", set.text);
    for (changed, said) in [
        (vec![("opens_peer", "2027-01-09"), ("closes_peer", "2027-01-08")], "同学互评的截止日在开始日前面"),
        (vec![("closes_notice", "2028-01-08")], "公示的 2028-01-08 不在这个学期里"),
        (vec![("closes_seal", "一月八日")], "审核归档的截止日写成了“一月八日”"),
    ] {
        let answer = send_with(&county, page, page, &changed).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{said}: {}", answer.text);
        assert!(answer.text.contains(changed.last().unwrap().1), "what was typed is lost");
    }
    let extend = "/county/windows/extend";
    let form =
        |step, day, reason| [("term", TERM), ("school", "1"), ("step", step), ("closes_on", day), ("reason", reason)];
    for (form, said) in [
        (form("self", "2027-01-12", " "), "请用一句话写明为什么延长"),
        (form("self", "2027-01-08", "大雪停课"), "延长到的日子应在 2027-01-08 以后"),
        (form("peer", "2027-01-12", "大雪停课"), "没有截止日，整个学期都开着"),
        (form("lunch", "2027-01-12", "大雪停课"), "请选延长的是哪一步"),
    ] {
        let answer = county.post(extend, &form).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{said}: {}", answer.text);
    }
    assert_eq!(county.post(extend, &form("self", "2027-01-12", "大雪停课两天")).await.status, 303);
    assert!(county.get(page).await.text.contains("大雪停课两天"));
    let day = |d| NaiveDate::from_ymd_opt(2027, 1, d).unwrap();
    let (one, two) = (
        present_window(&school, "3121042101", Step::Pupil).await,
        present_window(&school, "3121042102", Step::Pupil).await,
    );
    assert!(one.is_open(day(12)) && !one.is_open(day(13)) && !two.is_open(day(9)));
    assert_eq!(one.extended.as_deref(), Some("大雪停课两天"));
    // The county gives everyone more than that: the extension shortens nothing.
    send_with(&county, page, page, &[("closes_self", "2027-01-15")]).await;
    assert!(present_window(&school, "3121042101", Step::Pupil).await.is_open(day(15)));
    // Emptied again it is open all term.
    send_with(&county, page, page, &[("opens_self", ""), ("closes_self", "")]).await;
    assert_eq!(present_window(&school, "3121042101", Step::Pupil).await, qinghe::cycle::Window::default());
}

#[actix_web::test]
async fn the_calendar_takes_a_day_once_and_counts_its_working_days() {
    let school = School::open();
    let county = school.sign_in("county").await;
    let ends = async || {
        let office = school.operator().school_office("3121042101").await.unwrap();
        let (first, last) =
            (NaiveDate::from_ymd_opt(2027, 1, 4).unwrap(), NaiveDate::from_ymd_opt(2027, 2, 4).unwrap());
        office.look(move |look| Ok(working_days(look, first, last)?.after(first, 5))).await.unwrap()
    };
    assert_eq!(ends().await, NaiveDate::from_ymd_opt(2027, 1, 11).unwrap());
    let add = |first, last, kind, name| {
        [("first", first), ("last", last), ("kind", kind), ("name", name), ("issued_in", "国办发明电〔2026〕99号")]
    };
    let page = "/county/calendar";
    assert_eq!(county.post(page, &add("2027-01-06", "2027-01-07", "holiday", "大雪停课")).await.status, 303);
    assert_eq!(county.post(page, &add("2027-01-09", "", "workday", "补课")).await.status, 303);
    // 5, 8, 9 (worked Saturday), 11, 12.
    assert_eq!(ends().await, NaiveDate::from_ymd_opt(2027, 1, 12).unwrap());
    for (form, said) in [
        (add("2027-01-07", "2027-01-08", "holiday", "又一次"), "2027-01-07 已经写过了，是大雪停课放假"),
        (add("2099-05-01", "", "holiday", "劳动节"), "2099-05-01 不在校历里"),
        (add("2027-01-13", "", "festival", "节"), "“festival”认不出"),
        (add("2027-01-13", "", "workday", "补课"), "2027-01-13 本来就上班"),
        (add("2027-01-14", "2027-01-13", "holiday", "倒着"), "不像一段假期"),
        (add("2027-02-30", "", "holiday", "没有的日子"), "“2027-02-30”不是日期"),
        (add("2027-01-13", "", "holiday", ""), "请写是什么日子"),
    ] {
        let answer = county.post(page, &form).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{said}: {}", answer.text);
        assert!(form[3].1.is_empty() || answer.text.contains(form[3].1), "what was typed is lost");
    }
    assert_eq!(ends().await, NaiveDate::from_ymd_opt(2027, 1, 12).unwrap(), "a refused day changes nothing");
    assert_eq!(county.post("/county/calendar/remove", &[("day", "2027-01-06")]).await.status, 303);
    assert_eq!(county.post("/county/calendar/remove", &[("day", "2027-01-06")]).await.status, 404);
    assert_eq!(ends().await, NaiveDate::from_ymd_opt(2027, 1, 11).unwrap());
    let early = county.post("/county/calendar/year", &[("year", "2028"), ("announced", "yes")]).await;
    assert!(early.status == 422 && early.text.contains("2028"), "{}", early.text);
    assert_eq!(county.post("/county/calendar/year", &[("year", "2027"), ("announced", "yes")]).await.status, 303);
    assert!(county.get("/county/calendar?year=2027").await.text.contains("通知已录"));
}
