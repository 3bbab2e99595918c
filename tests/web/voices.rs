//! The other voices: each has its own say, none of them makes a band.
use crate::evaluation::{fill, sign};
use crate::scheme::{publish, send_with};
use crate::support::{LAST_TERM, Person, School, TERM, pupil, term};
use qinghe::access::{Attempt, Family, Homeroom};
use qinghe::account::{Login, NewAccount};
use qinghe::evaluation::{DrawPeers, TellOfPeer, asked_about};
use qinghe::names::{Domain, Half, Sex, StudentId, Term};
use qinghe::roster::{AdmitPupil, Appointment, BindGuardian};
use std::collections::{BTreeMap, BTreeSet};

fn own(school: &School, page: &str) -> String {
    format!("/child/{}/{page}", school.map.li)
}

async fn write_self(person: &Person<'_>, school: &School, domain: &str, did: &str, band: &str) -> u16 {
    let form = [
        ("term", TERM),
        ("domain", domain),
        ("did", did),
        ("learned", "急的时候先深呼吸"),
        ("intends", ""),
        ("band", band),
    ];
    person.post(&own(school, "self"), &form).await.status
}

async fn beside(lin: &Person<'_>, school: &School) -> serde_json::Value {
    let answer = lin.get(&format!("/class/{}/{TERM}/voices", school.map.class)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[actix_web::test]
async fn a_pupil_writes_a_draft_nobody_reads_and_confirms_it() {
    let school = School::open();
    let (li, lin, parent) =
        (school.sign_in("li-pupil").await, school.sign_in("lin").await, school.sign_in("li-parent").await);
    let page = own(&school, "self");
    assert_eq!(write_self(&li, &school, "physical", "跑了 4×100 米接力", "good").await, 303);
    assert_eq!(write_self(&li, &school, "moral", "替同学补笔记", "").await, 303);
    let draft = li.get(&format!("{page}?domain=physical")).await.text;
    assert!(draft.contains("跑了 4×100 米接力") && draft.contains("value=\"good\" checked"), "{draft}");
    let student = school.map.li.to_string();
    assert_eq!(beside(&lin, &school).await[&student], serde_json::Value::Null, "a draft is the pupil's own");
    assert!(!parent.get(&page).await.text.contains("接力"));

    // One domain is begun and has no band: what is half is not confirmed.
    let confirm = own(&school, "self/confirm");
    let half = li.post(&confirm, &[("term", TERM)]).await;
    assert!(half.status == 422 && half.text.contains("品德发展还差"), "{}", half.text);
    assert_eq!(write_self(&li, &school, "moral", "替同学补笔记", "excellent").await, 303);
    assert_eq!(li.post(&confirm, &[("term", TERM)]).await.status, 303);
    let said = &beside(&lin, &school).await[&student]["physical"]["said"][0];
    assert_eq!(
        (said["who"].as_str(), said["said"].as_str()),
        (Some("学生自评"), Some("良好。跑了 4×100 米接力；急的时候先深呼吸。"))
    );
    assert!(parent.get(&page).await.text.contains("接力"));
    let form = lin.get(&format!("/class/{}/student/{student}", school.map.class)).await.text;
    assert!(form.contains("良好。跑了 4×100 米接力"), "{form}");
    // It presets nothing.
    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(!grid.contains("data-v=\"good\"") && !form.contains("value=\"good\" checked"));
    // Changed, it is a draft again; what was confirmed stands until then.
    assert_eq!(write_self(&li, &school, "physical", "又改了", "good").await, 303);
    assert!(beside(&lin, &school).await[&student]["physical"]["said"][0]["said"].as_str().unwrap().contains("接力"));
}

#[actix_web::test]
async fn only_the_pupil_writes_it_in_time_and_within_measure() {
    let school = School::open();
    let (li, parent, lin) =
        (school.sign_in("li-pupil").await, school.sign_in("li-parent").await, school.sign_in("lin").await);
    assert_eq!(write_self(&parent, &school, "moral", "家长代写", "good").await, 404);
    let page = own(&school, "self");
    let nothing = li.post(&own(&school, "self/confirm"), &[("term", TERM)]).await;
    assert!(nothing.status == 422 && nothing.text.contains("一育都还没有写"), "{}", nothing.text);
    let long = "跑".repeat(201);
    let form = |did, band, term| {
        [("term", term), ("domain", "moral"), ("did", did), ("learned", ""), ("intends", ""), ("band", band)]
    };
    let answer = li.post(&page, &form(&long, "good", TERM)).await;
    assert!(answer.status == 422 && answer.text.contains("最多 200 个字，现在 201 个") && answer.text.contains(&long));
    let answer = li.post(&page, &form("写好的一句", "A+", TERM)).await;
    assert!(answer.status == 422 && answer.text.contains("等级认不出") && answer.text.contains("写好的一句"));
    let answer = li.post(&page, &form("写好的一句", "good", LAST_TERM)).await;
    assert!(answer.status == 409 && answer.text.contains("别的学期") && answer.text.contains("写好的一句"));
    assert_eq!(li.post(&page, &[("term", TERM), ("domain", "sports")]).await.status, 404);

    let county = school.sign_in("county").await;
    let windows = "/county/windows";
    send_with(&county, windows, windows, &[("opens_self", "2026-12-01"), ("closes_self", "2026-12-31")]).await;
    let late = li.post(&page, &form("晚了", "good", TERM)).await;
    assert!(late.status == 409 && late.text.contains("12 月 31 日截止"), "{}", late.text);
    let longer =
        [("term", TERM), ("school", "1"), ("step", "self"), ("closes_on", "2027-01-08"), ("reason", "大雪停课")];
    county.post("/county/windows/extend", &longer).await;
    assert_eq!(li.post(&page, &form("延长以后", "good", TERM)).await.status, 303);

    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let signed = li.post(&page, &form("签字以后", "good", TERM)).await;
    assert!(signed.status == 409 && signed.text.contains("班主任已经签字"), "{}", signed.text);
}

/// A pupil of lin's class with an account of their own, and that account's page.
async fn with_accounts(school: &School, many: i32) -> Vec<(StudentId, Family)> {
    let office = school.operator().school_office("3121042101").await.unwrap();
    let mut families = Vec::new();
    for n in 0..many {
        let new = pupil(&format!("新生{n}"), 10 + n, 200 + n as u32, Sex::Female);
        let act = AdmitPupil::new(&office.house().keys, school.map.class, new);
        let student = office.act(move |_| Ok(act)).await.unwrap();
        let account = NewAccount { login: Login::parse(&format!("new{n}")).unwrap(), name: format!("新生{n}") };
        let who = Appointment::New(account);
        let account = office.act(move |_| Ok(BindGuardian { who, student, relation: None })).await.unwrap();
        families.push((student, school.operator().stand_in(account).unwrap().family(student).await.unwrap()));
    }
    families
}

async fn asked(family: &Family) -> Vec<StudentId> {
    let me = family.myself().unwrap();
    let peers = family.look(move |look| asked_about(look, me, term())).await.unwrap();
    peers.into_iter().map(|peer| peer.student).collect()
}

async fn tell(family: &Family, about: StudentId, moral: &'static str) {
    let me = family.myself().unwrap();
    let said: BTreeMap<Domain, String> =
        Domain::ALL.iter().map(|d| (*d, if *d == Domain::Moral { moral } else { "unseen" }.to_owned())).collect();
    family
        .try_act(move |tx| -> Result<Attempt<TellOfPeer, ()>, _> { TellOfPeer::prepare(tx, me, term(), about, &said) })
        .await
        .unwrap()
        .unwrap();
}

#[actix_web::test]
async fn peers_come_by_lot_and_the_teacher_sees_a_summary_from_three_on() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let draw = format!("/class/{}/voices/draw", school.map.class);
    let few = lin.post(&draw, &[]).await;
    assert!(few.status == 409 && few.text.contains("不到 4 人"), "{}", few.text);
    let families = with_accounts(&school, 6).await;
    assert_eq!(lin.post(&draw, &[]).await.status, 303);
    let again = lin.post(&draw, &[]).await;
    assert!(again.status == 409 && again.text.contains("全班都抽过了"), "{}", again.text);
    for (student, family) in &families {
        let peers = asked(family).await;
        let different: BTreeSet<_> = peers.iter().collect();
        assert!(peers.len() == 4 && different.len() == 4 && !peers.contains(student));
    }
    // Everyone who was asked about the first of them, as far as they have accounts.
    let mut about = families[0].0;
    let mut those = Vec::new();
    for candidate in families.iter().map(|(student, _)| *student) {
        let mut by = Vec::new();
        for (n, (_, family)) in families.iter().enumerate() {
            if asked(family).await.contains(&candidate) {
                by.push(n);
            }
        }
        if by.len() > those.len() {
            (about, those) = (candidate, by);
        }
    }
    assert!(those.len() >= 2);
    let key = about.to_string();
    tell(&families[those[0]].1, about, "helps").await;
    tell(&families[those[1]].1, about, "keeps").await;
    assert_eq!(beside(&lin, &school).await[&key], serde_json::Value::Null, "two answers would tell who");
    if let Some(third) = those.get(2) {
        tell(&families[*third].1, about, "helps").await;
    } else {
        // The others have no accounts: the school's own table stands in for one of them.
        use diesel::prelude::*;
        let sql = "INSERT INTO peer_view (school_id, student_id, term, by_id, domain, revision, said, account_id, at) \
            SELECT p.school_id, p.student_id, p.term, p.by_id, 'moral', 1, 'helps', v.account_id, v.at FROM peer_pair p \
            JOIN peer_view v ON v.student_id = p.student_id AND v.domain = 'moral' \
            WHERE p.by_id NOT IN (SELECT by_id FROM peer_view) LIMIT 1";
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap();
    }
    let told = beside(&lin, &school).await;
    let said = &told[&key]["moral"]["said"];
    assert_eq!(said, &serde_json::json!([{ "who": "同学", "said": "乐意帮人、说话算数" }]));
    assert!(told[&key].get("academic").is_none(), "not noticed is not told");
    let text = told.to_string();
    assert!((0..6).all(|n| !text.contains(&format!("新生{n}"))), "no names: {text}");

    // Whom the lot did not give is not there; neither for the guardian.
    let (student, family) = &families[those[0]];
    let outside = families.iter().map(|(id, _)| *id).find(|id| id == student).unwrap();
    let me = family.myself().unwrap();
    let refused = family
        .try_act(move |tx| -> Result<Attempt<TellOfPeer, ()>, _> {
            TellOfPeer::prepare(tx, me, term(), outside, &BTreeMap::new())
        })
        .await;
    assert!(matches!(refused, Err(qinghe::access::Refused::NotFound)));
    let parent = school.sign_in("li-parent").await;
    assert_eq!(parent.get(&own(&school, "peers")).await.status, 404);
}

#[actix_web::test]
async fn what_is_said_of_a_peer_is_whole_and_kind() {
    let school = School::open();
    let (lin, li) = (school.sign_in("lin").await, school.sign_in("li-pupil").await);
    with_accounts(&school, 3).await;
    assert_eq!(lin.post(&format!("/class/{}/voices/draw", school.map.class), &[]).await.status, 303);
    let page = own(&school, "peers");
    let shown = li.get(&page).await.text;
    let about = shown.split("name=\"about\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let field = |domain: &str| format!("said_{domain}_{about}");
    let (moral, labour) = (field("moral"), field("labour"));
    let part = [("term", TERM), ("about", &about), (&moral, "helps"), (&labour, "他很笨")];
    let answer = li.post(&page, &part).await;
    assert_eq!(answer.status, 422);
    for said in ["还没有选，选一项或“没留意到”", "选的认不出", "value=\"helps\" checked"] {
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
    }
    let fields = ["moral", "academic", "physical", "aesthetic", "labour"].map(field);
    let mut whole = vec![("term", TERM), ("about", about.as_str())];
    whole.extend(fields.iter().map(|field| (field.as_str(), "unseen")));
    assert_eq!(li.post(&page, &whole).await.status, 303);
    assert!(li.get(&page).await.text.contains("写好了"));
}

#[actix_web::test]
async fn a_guardian_tells_the_teacher_domain_by_domain() {
    let school = School::open();
    let (parent, li, lin) =
        (school.sign_in("li-parent").await, school.sign_in("li-pupil").await, school.sign_in("lin").await);
    let page = own(&school, "view");
    let form = [("term", TERM), ("view_labour", "每周做两回晚饭"), ("view_moral", "")];
    assert_eq!(li.post(&page, &form).await.status, 404);
    assert_eq!(parent.post(&page, &form).await.status, 303);
    let said = beside(&lin, &school).await[school.map.li.to_string()]["labour"]["said"].clone();
    assert_eq!(said, serde_json::json!([{ "who": "父亲", "said": "每周做两回晚饭" }]));
    let long = "饭".repeat(101);
    let answer = parent.post(&page, &[("term", TERM), ("view_labour", &long)]).await;
    assert!(answer.status == 422 && answer.text.contains("最多 100 个字") && answer.text.contains(&long));
    publish(&school, &[("voice_guardian", "")]).await;
    assert_eq!(parent.post(&page, &[("term", TERM), ("view_moral", "本学期照旧")]).await.status, 303);
}

#[actix_web::test]
async fn a_scheme_without_a_voice_asks_for_none() {
    let school = School::open();
    publish(&school, &[("voice_pupil", ""), ("voice_guardian", ""), ("voice_subject", "")]).await;
    // The next term begins with it.
    school.clock.set(chrono::NaiveDate::from_ymd_opt(2027, 3, 10).unwrap().and_hms_opt(9, 0, 0).unwrap());
    let (li, parent) = (school.sign_in_now("li-pupil").await, school.sign_in_now("li-parent").await);
    let next = Term::of(2026, Half::Second).to_string();
    let form = [("term", next.as_str()), ("domain", "moral"), ("did", "写了"), ("band", "good")];
    let answer = li.post(&own(&school, "self"), &form).await;
    assert!(answer.status == 409 && answer.text.contains("没有用学生自评"), "{}", answer.text);
    let answer = parent.post(&own(&school, "view"), &[("term", &next), ("view_moral", "写了")]).await;
    assert!(answer.status == 409 && answer.text.contains("没有用家长评价"), "{}", answer.text);
}

#[actix_web::test]
async fn a_subject_teacher_adds_a_line_to_the_band() {
    let school = School::open();
    let (fang, lin) = (school.sign_in("fang").await, school.sign_in("lin").await);
    let (li, page) = (school.map.li, format!("/subject/{}/bands", school.map.class));
    let (band, line, revision) = (format!("band_{li}"), format!("line_{li}"), format!("revision_{li}"));
    let form =
        [("subject", "语文"), ("term", TERM), (&*band, "good"), (&*line, "朗读有进步，敢先举手"), (&*revision, "0")];
    assert_eq!(fang.post(&page, &form).await.status, 303);
    let said = beside(&lin, &school).await[li.to_string()]["academic"]["said"].clone();
    assert_eq!(said, serde_json::json!([{ "who": "语文", "said": "朗读有进步，敢先举手" }]));
    // The script sends the band alone: the line stays.
    let cells = format!("/subject/{}/{TERM}/cells", school.map.class);
    let changed = serde_json::json!([{ "subject": "语文", "student": li, "band": "excellent", "revision": 1 }]);
    assert_eq!(fang.json(&cells, &changed).await.status, 200);
    assert_eq!(beside(&lin, &school).await[li.to_string()]["academic"]["said"], said);
    let long = "读".repeat(61);
    let form = [("subject", "语文"), ("term", TERM), (&*band, "good"), (&*line, &*long), (&*revision, "2")];
    let answer = fang.post(&page, &form).await;
    assert!(answer.status == 422 && answer.text.contains("最多 60 个字") && answer.text.contains(&long));
}

#[actix_web::test]
async fn an_observation_item_that_the_scheme_switches_on_is_a_grid_of_its_recorder() {
    let school = School::open();
    publish(&school, &[("on_D22", "1"), ("on_Z11", "1"), ("on_T43", "1"), ("off_2", "D22")]).await;
    let (fang, lin, parent, wu) = (
        school.sign_in("fang").await,
        school.sign_in("lin").await,
        school.sign_in("li-parent").await,
        school.sign_in("wu").await,
    );
    let class = format!("/class/{}", school.map.class);
    // This term began without it.
    assert!(lin.get(&format!("{class}/indicators")).await.text.contains("没有开要您评等级的观测点"));
    let li = school.map.li;
    let band = format!("band_{li}");
    let form = [("item", "D22"), ("subject", ""), (band.as_str(), "good")];
    assert_eq!(lin.post(&format!("{class}/{TERM}/indicators"), &form).await.status, 404);
    // As if it had been published before the term: a version older than the first.
    {
        use diesel::prelude::*;
        let sql = [
            "DROP TRIGGER scheme_no_update",
            "UPDATE scheme SET published_at = '2026-01-02 00:00:00' WHERE version = 2",
        ];
        let mut conn = school.raw();
        match &mut conn {
            qinghe::platform::db::Conn::Sqlite(c) => {
                for sql in sql {
                    diesel::sql_query(sql).execute(c).unwrap();
                }
            }
            qinghe::platform::db::Conn::Postgres(c) => {
                diesel::sql_query("ALTER TABLE scheme DISABLE TRIGGER scheme_append_only").execute(c).unwrap();
                diesel::sql_query(sql[1]).execute(c).unwrap();
            }
        }
    }
    let grid = lin.get(&format!("{class}/indicators")).await.text;
    assert!(grid.contains("诚实守信") && grid.contains("李沐阳"), "{grid}");
    assert_eq!(lin.post(&format!("{class}/{TERM}/indicators"), &form).await.status, 303);
    // Another hand at the same grid: nobody's band is overwritten unseen.
    let seen = format!("seen_{li}");
    let stands = lin.get(&format!("{class}/indicators")).await;
    assert_eq!(stands.hidden(&seen), Some("1"));
    let dep = school.sign_in("dep").await;
    let other = [("item", "D22"), ("subject", ""), (band.as_str(), "qualified"), (seen.as_str(), "1")];
    assert_eq!(dep.post(&format!("{class}/{TERM}/indicators"), &other).await.status, 303);
    let late = [("item", "D22"), ("subject", ""), (band.as_str(), "excellent"), (seen.as_str(), "1")];
    let told = lin.post(&format!("{class}/{TERM}/indicators"), &late).await;
    assert!(told.status == 409 && told.text.contains("别人改成了“合格”"), "{}", told.text);
    assert!(
        told.text
            .contains(&format!("id=\"excellent-{li}\" data-key=\"Y\" name=\"{band}\" value=\"excellent\" checked")),
        "{}",
        told.text
    );
    assert_eq!((told.hidden(&seen), school.count("indicator_band")), (Some("2"), 2));
    let unseen = [("item", "D22"), ("subject", ""), (band.as_str(), "excellent")];
    assert_eq!(lin.post(&format!("{class}/{TERM}/indicators"), &unseen).await.status, 409);
    let again = [("item", "D22"), ("subject", ""), (band.as_str(), "good"), (seen.as_str(), "2")];
    assert_eq!(lin.post(&format!("{class}/{TERM}/indicators"), &again).await.status, 303, "having seen it");
    let taught = format!("/subject/{}", school.map.class);
    let form = [("item", "Z11"), ("subject", "语文"), (band.as_str(), "excellent")];
    assert_eq!(fang.post(&format!("{taught}/{TERM}/indicators"), &form).await.status, 303);
    let form = [("term", TERM), ("band_T43", "qualified")];
    assert_eq!(parent.post(&own(&school, "view"), &form).await.status, 303);
    let told = beside(&lin, &school).await[li.to_string()].clone();
    assert_eq!(told["moral"]["said"], serde_json::json!([{ "who": "班主任", "said": "诚实守信 良好" }]));
    assert_eq!(told["academic"]["said"], serde_json::json!([{ "who": "语文", "said": "课堂参与、思考与提问 优秀" }]));
    assert_eq!(
        told["physical"]["said"],
        serde_json::json!([{ "who": "家长", "said": "睡眠时间达标（初中9小时） 合格" }])
    );

    // Not another's item, not another's class, not another's word, not another's school.
    let form = [("item", "Z11"), ("subject", ""), (band.as_str(), "good")];
    assert_eq!(lin.post(&format!("{class}/{TERM}/indicators"), &form).await.status, 404);
    let form = [("item", "D22"), ("subject", "语文"), (band.as_str(), "good")];
    assert_eq!(fang.post(&format!("{taught}/{TERM}/indicators"), &form).await.status, 404);
    assert_eq!(wu.get(&format!("{class}/indicators")).await.status, 404);
    let form = [("item", "D22"), ("subject", ""), (band.as_str(), "80")];
    let answer = lin.post(&format!("{class}/{TERM}/indicators"), &form).await;
    assert!(answer.status == 422 && answer.text.contains("等级认不出"), "{}", answer.text);
    let far = school.sign_in("lin2").await;
    let page = far.get(&format!("/class/{}/indicators", school.map.far_class)).await.text;
    assert!(page.contains("没有开要您评等级的观测点"), "school 2 does not use it");
}

#[actix_web::test]
async fn the_next_term_asks_what_came_of_a_help_measure() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let (li, class) = (school.map.li, format!("/class/{}", school.map.class));
    {
        use diesel::prelude::*;
        // Last term, as the school's own table holds it.
        let sql = "INSERT INTO banding (school_id, term, student_id, domain, revision, band, ground, help, account_id, at) \
            SELECT p.school_id, 20252, e.student_id, 'labour', 1, 'developing', '值日常忘', '和同桌结伴值日', p.account_id, '2026-06-20 10:00:00' \
            FROM post p JOIN enrolment e ON e.school_id = p.school_id AND e.class_id = p.class_id AND e.seat = 1 \
            WHERE p.role = 'homeroom' AND p.term = 20261 ORDER BY p.class_id LIMIT 1";
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap();
    }
    fill(&school, &lin).await;
    let page = format!("{class}/student/{li}");
    assert!(lin.get(&page).await.text.contains("上学期说好的帮扶：和同桌结伴值日"));
    let missing = lin.get(&format!("{class}/{TERM}/sign")).await.text;
    assert!(missing.contains("劳动实践：上学期的帮扶后来怎样"), "{missing}");
    let hasty = lin.post(&format!("{class}/{TERM}/sign"), &[]).await;
    assert_eq!(hasty.status, 409, "it is asked before the class is signed");
    let long = "好".repeat(121);
    let answer = send_with(&lin, &page, &page, &[("outcome_labour", &long)]).await;
    assert!(answer.status == 422 && answer.text.contains("最多 120 个字") && answer.text.contains(&long));
    // A domain that had no measure takes no outcome.
    let told =
        send_with(&lin, &page, &page, &[("outcome_labour", "这学期没有缺过值日"), ("outcome_moral", "没有问过")]).await;
    assert_eq!(told.status, 303, "{}", told.text);
    let helped = beside(&lin, &school).await[li.to_string()].clone();
    assert_eq!(
        helped["labour"]["helped"],
        serde_json::json!({ "help": "和同桌结伴值日", "outcome": "这学期没有缺过值日" })
    );
    assert!(helped.get("moral").is_none());
    assert_eq!(lin.post(&format!("{class}/{TERM}/sign"), &[]).await.status, 303);
}

#[actix_web::test]
async fn what_the_voices_said_is_never_rewritten() {
    let school = School::open();
    let (li, parent) = (school.sign_in("li-pupil").await, school.sign_in("li-parent").await);
    assert_eq!(write_self(&li, &school, "moral", "帮了人", "good").await, 303);
    parent.post(&own(&school, "view"), &[("term", TERM), ("view_moral", "肯帮人")]).await;
    let conn = &mut school.raw();
    for (table, column) in [("self_evaluation", "did"), ("guardian_view", "text")] {
        use diesel::prelude::*;
        for sql in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
            let said = qinghe::on!(&mut *conn, c => diesel::sql_query(&sql).execute(c)).unwrap_err().to_string();
            assert!(said.contains("append-only"), "{said}");
        }
    }
}

/// The lot can be drawn again from what is kept.
#[actix_web::test]
async fn the_lot_is_kept_with_its_seed() {
    let school = School::open();
    let families = with_accounts(&school, 3).await;
    let lin = {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Found {
            #[diesel(sql_type = qinghe::platform::db::Guid)]
            id: qinghe::names::AccountId,
        }
        let mut conn = school.raw();
        let found: Found =
            qinghe::on!(&mut conn, c => diesel::sql_query("SELECT id FROM account WHERE login = 'lin'").get_result(c))
                .unwrap();
        found.id
    };
    let homeroom: Homeroom = school.operator().stand_in(lin).unwrap().homeroom(school.map.class).await.unwrap();
    let own = homeroom.class();
    homeroom.act(move |tx| DrawPeers::prepare(tx, &own)).await.unwrap();
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Seed {
        #[diesel(sql_type = diesel::sql_types::Text)]
        seed: String,
    }
    let mut conn = school.raw();
    let seed: Seed =
        qinghe::on!(&mut conn, c => diesel::sql_query("SELECT seed FROM peer_draw").get_result(c)).unwrap();
    let class: Vec<StudentId> = [school.map.li, school.map.chen, school.map.guan]
        .into_iter()
        .chain(families.iter().map(|(student, _)| *student))
        .collect();
    let drawn = qinghe::evaluation::peer::lot(&seed.seed, &class, 4);
    for (student, family) in &families {
        let by_seed: BTreeSet<StudentId> =
            drawn.iter().filter(|(by, _)| by == student).map(|(_, about)| *about).collect();
        assert_eq!(by_seed, asked(family).await.into_iter().collect());
    }
}
