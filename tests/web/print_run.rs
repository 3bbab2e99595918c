//! A print run goes on after whatever stops it, and ends with every file once.
use crate::place::Place;
use crate::portfolio::graduate;
use crate::support::{School, scratch};
use qinghe::platform::files::Files;
use std::process::{Child, Command, Stdio};

/// The program, serving on a port of its own choice; dropped, it is killed (SIGKILL).
pub struct Serving(Child);

impl Serving {
    pub fn at(place: &Place) -> Self {
        let mut program = place.program(&["serve"]);
        Serving(program.env("QINGHE_LISTEN", "127.0.0.1:0").stderr(Stdio::null()).spawn().unwrap())
    }

    /// Watches until `seen`; the program must go on all the while.
    pub fn until(&mut self, what: &str, mut seen: impl FnMut() -> bool) {
        while !seen() {
            assert!(self.0.try_wait().unwrap().is_none(), "it stopped before {what}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[actix_web::test]
async fn a_run_killed_twice_ends_with_every_file_once() {
    let school = School::open();
    graduate(&school).await;
    let office = school.sign_in_now("office1").await;
    let (page, place) = ("/office/print/2025", Place::of(&school));
    assert_eq!(office.post(&format!("{page}/pause"), &[]).await.status, 409, "nothing to pause yet");
    assert_eq!(office.post(page, &[]).await.status, 303);
    assert_eq!(office.post(&format!("{page}/pause"), &[]).await.status, 303);
    assert!(office.get(page).await.text.contains("暂停了：0 / 3 份"));
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(!qinghe::portfolio::work_at_runs(&by_command).await.unwrap(), "a paused run waits");
    assert_eq!(office.post(&format!("{page}/resume"), &[]).await.status, 303);

    let kept = Files::in_folder(&place.files);
    let count = || kept.list().unwrap().len();
    for some in [1, 3] {
        Serving::at(&place).until("the kill", || count() >= some);
        assert!(office.get(page).await.text.contains("正在制作"), "the run is still open");
    }
    let mut last = Serving::at(&place);
    last.until("the files", || count() >= 6);
    while !office.get(page).await.text.contains("做好了 3 / 3 份") {
        assert!(last.0.try_wait().unwrap().is_none());
    }
    drop(last);
    assert_eq!(count(), 6, "three PDFs and their credentials, each once");
    let out = scratch().join(uuid::Uuid::now_v7().to_string());
    let words = ["portfolio", "--school", "3121042101", "--cohort", "2025", "--out", out.to_str().unwrap()];
    assert_eq!(place.run(&words).0, 0);
    assert_eq!(count(), 6, "later prints are those files");
}

/// How many pupils the large run has: `QINGHE_TEST_RUN=400` for the county's real size.
fn size_of_the_run() -> usize {
    std::env::var("QINGHE_TEST_RUN").map_or(16, |size| size.parse().unwrap())
}

/// Fills the sealed cohort up to `size`: each pupil's own file, under an own id, name,
/// seat and code, as if the seal had made it.
async fn fill_up(school: &School, size: usize) {
    use diesel::RunQueryDsl;
    let files = crate::portfolio::sealed_files::<qinghe::portfolio::file::GraduationFile>(school, "graduation").await;
    let like = files[0].0.clone();
    let is_sqlite = matches!(school.address, qinghe::platform::db::Address::Sqlite(_));
    let id = |id: &str| if is_sqlite { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'::uuid") };
    let (model, conn) = (id(&like.student.id.to_string()), &mut school.raw());
    let mut run = |sql: String| diesel::sql_query(sql).execute(conn).unwrap();
    for n in files.len()..size {
        let mut file = like.clone();
        file.student.id = qinghe::names::StudentId::new();
        file.student.name = format!("李禾{n}");
        (file.class.seat, file.code) = (n as i32 + 1, format!("TEST-{:04}-{:04}", n / 100, n));
        let sealed = qinghe::portfolio::file::seal_bytes(&file).unwrap();
        let (own, sha256) = (id(&file.student.id.to_string()), &sealed.sha256);
        let hex = hex::encode(&sealed.bytes);
        let bytes = if is_sqlite { format!("x'{hex}'") } else { format!("decode('{hex}', 'hex')") };
        run(format!(
            "INSERT INTO student (id, school_id, name, pinyin, sex, born_on, number_sealed, number_hash) \
             SELECT {own}, school_id, '李禾{n}', 'lihe{n}', sex, born_on, number_sealed, 'hash-{n}' FROM student WHERE id = {model}"
        ));
        run(format!(
            "INSERT INTO sealed_file (school_id, sha256, bytes) SELECT school_id, '{sha256}', {bytes} FROM student WHERE id = {own}"
        ));
        run(format!(
            "INSERT INTO graduation_tick (school_id, student_id, n, account_id, at) \
             SELECT school_id, {own}, n, account_id, at FROM graduation_tick WHERE student_id = {model}"
        ));
        run(format!(
            "INSERT INTO seal (school_id, student_id, term, part, version, class_id, sha256, account_id, at) \
             SELECT school_id, {own}, term, part, version, class_id, '{sha256}', account_id, at FROM seal \
             WHERE student_id = {model} AND part = 'graduation'"
        ));
    }
}

#[actix_web::test]
async fn a_large_run_killed_twice_ends_with_every_file_once() {
    let (school, size) = (School::open(), size_of_the_run());
    graduate(&school).await;
    fill_up(&school, size).await;
    let office = school.sign_in_now("office1").await;
    let (page, place) = ("/office/print/2025", Place::of(&school));
    assert_eq!(office.post(page, &[]).await.status, 303);
    let kept = Files::in_folder(&place.files);
    let (count, all) = (|| kept.list().unwrap().len(), 2 * size);

    for some in [all / 5, all * 3 / 5] {
        Serving::at(&place).until("the kill", || count() >= some);
        assert!(count() < all, "killed while something is left to do");
    }
    let mut last = Serving::at(&place);
    last.until("the files", || count() >= all);
    let done = format!("做好了 {size} / {size} 份");
    while !office.get(page).await.text.contains(&done) {
        assert!(last.0.try_wait().unwrap().is_none());
    }
    drop(last);

    assert_eq!(count(), all, "every PDF and every credential, each once");
    let of_run = school.count("print_item WHERE state = 'done'");
    let rows = school.count("(SELECT DISTINCT pdf_sha256, credential_sha256 FROM portfolio) AS each");
    assert_eq!((of_run, school.count("portfolio"), rows), (size as i64, size as i64, size as i64));
    assert_eq!(school.count("print_run WHERE finished_at IS NULL"), 0);
}

#[actix_web::test]
async fn a_class_is_one_pdf_in_seat_order_for_the_printer() {
    let school = School::open();
    graduate(&school).await;
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.get("/office/print/2025/1.pdf").await.status, 404);
    assert_eq!(office.post("/office/print/2025", &[]).await.status, 303);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());

    let joined = office.get("/office/print/2025/1.pdf").await;

    assert_eq!((joined.status, joined.media_type.as_str()), (200, "application/pdf"));
    let path = scratch().join("class.pdf");
    std::fs::write(&path, &joined.bytes).unwrap();
    let run = |program: &str, args: &[&str]| {
        let done = Command::new(program).args(args).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{program}: {said}");
        said
    };
    run("qpdf", &["--check"]);
    let pages = |text: &str| {
        text.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse::<usize>().unwrap()
    };
    let all = pages(&run("pdfinfo", &[]));
    assert!(all >= 9 && all % 3 == 0, "{all}");
    let text = Command::new("pdftotext").args([path.to_str().unwrap(), "-"]).output().unwrap().stdout;
    let text: String = String::from_utf8(text).unwrap().split_whitespace().collect();
    let place = |name: &str| text.find(name).unwrap();
    assert!(place("李沐阳") < place("陈𠮷䶮") && place("陈𠮷䶮") < place("关雪晴"));
    let zip = office.get("/office/print/2025/1.zip").await;
    match qinghe::portfolio::verify::verify_file(&zip.bytes, &school.door.house().believed) {
        qinghe::portfolio::verify::Verdict::Genuine(all) => assert_eq!(all.len(), 6),
        other => panic!("{other:?}"),
    }
}

/// A county's folder with one template of its own: the built-in one, changed.
pub fn adapted(name: &str, change: impl Fn(String) -> String) -> std::path::PathBuf {
    let folder = scratch().join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    let built_in = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/typst").join(name);
    std::fs::write(folder.join(name), change(std::fs::read_to_string(built_in).unwrap())).unwrap();
    folder
}

#[actix_web::test]
async fn a_countys_own_template_that_is_no_archive_starts_no_run_and_one_that_is_does() {
    let school = School::open();
    graduate(&school).await;
    let page = "/office/print/2025";
    let faulty: [(&str, fn(String) -> String, &str); 2] = [
        ("no alt", |text| text + "\n#image(\"seed.svg\")\n", "图没有替代文字"),
        ("no such name", |text| text + "\n#nothing-of-that-name\n", "unknown variable"),
    ];
    let room = |folder| std::sync::Arc::new(qinghe::platform::typeset::PressRoom::new(None, Some(folder)));
    let mut school = school;
    for (what, change, said) in faulty {
        let folder = adapted("portfolio.typ", change);
        school = school.arranged(|house| house.press = room(folder));
        let refused = school.sign_in_now("office1").await.post(page, &[]).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text);
        for words in [said, "portfolio.typ 第", "QINGHE_TEMPLATES"] {
            assert!(refused.text.contains(words), "{what}: {words}: {}", refused.text);
        }
        assert_eq!(school.count("print_run"), 0, "{what}");
    }
    let folder = adapted("portfolio.typ", |text| text.replace("毕业成长档案", "毕业成长手册"));
    let school = school.arranged(|house| house.press = room(folder));
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.post(page, &[]).await.status, 303);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
    let one = office.get(&format!("/office/print/2025/pupil/{}.pdf", school.map.li)).await;
    crate::pdf::check(&one.bytes, "李沐阳", &["毕业成长手册"]);
}

#[actix_web::test]
async fn a_cohort_leaves_as_a_workbook_of_chosen_columns_and_as_credentials_and_the_journal_knows() {
    let school = School::open();
    graduate(&school).await;
    let office = school.sign_in_now("office1").await;
    let out = "/office/print/2025/out";
    let sent = || school.count("journal WHERE verb = 'cohort_sent'");
    let columns = [("form", "xlsx"), ("col_labour", "1"), ("col_name", "1"), ("col_seat", "1")];
    let nobody = office.post(out, &columns).await;
    assert!(nobody.status == 422 && nobody.text.contains("请写给哪个单位"), "{}", nobody.text);
    let kept = |name: &str| nobody.text.contains(&format!("name=\"col_{name}\" value=\"1\" checked"));
    assert!(
        kept("labour") && kept("name") && kept("seat") && !kept("class"),
        "what was chosen stands: {}",
        nobody.text
    );
    let to = ("recipient", "新宾县高中");
    let none = office.post(out, &[("form", "xlsx"), to]).await;
    assert!(
        none.status == 422 && none.text.contains("value=\"新宾县高中\"") && none.text.contains("一列也没有选"),
        "{}",
        none.text
    );
    let early = office.post(out, &[("form", "clr"), to]).await;
    assert!(early.status == 409 && early.text.contains("还有 3 份没有制作"), "{}", early.text);
    assert_eq!(school.sign_in_now("office2").await.post(out, &[&columns[..], &[to]].concat()).await.status, 404);
    assert_eq!(sent(), 0);

    let book = office.post(out, &[&columns[..], &[to]].concat()).await;
    assert_eq!(book.status, 200, "{}", book.text);
    let sheet = qinghe::platform::workbook::read(&book.bytes).unwrap();
    let rows: Vec<Vec<String>> = sheet.rows.iter().map(|row| row.iter().map(|cell| cell.shown()).collect()).collect();
    assert_eq!(rows[0], ["座号", "姓名", "劳"]);
    assert_eq!(rows[1..], [["1", "李沐阳", "良好"], ["2", "陈𠮷䶮", "良好"], ["3", "关雪晴", "良好"]]);
    assert_eq!(office.post("/office/print/2025", &[]).await.status, 303);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
    let zip = office.post(out, &[("form", "clr"), to]).await;
    match qinghe::portfolio::verify::verify_file(&zip.bytes, &school.door.house().believed) {
        qinghe::portfolio::verify::Verdict::Genuine(all) => assert_eq!(all.len(), 3),
        other => panic!("{other:?}"),
    }
    assert_eq!(sent(), 2);
    // The next time the columns of the last one stand chosen, and who has it is told.
    let page = office.get("/office/print/2025").await.text;
    assert!(page.contains("等级表 3 人，座号、姓名、劳") && page.contains("凭证 3 份"), "{page}");
    for (code, chosen) in [("labour", true), ("name", true), ("seat", true), ("class", false), ("moral", false)] {
        let checked = format!("name=\"col_{code}\" value=\"1\" checked");
        assert_eq!(page.contains(&checked), chosen, "{code}: {page}");
    }
    assert_eq!(school.count("journal_detail WHERE detail LIKE '%新宾县高中%'"), 2);
}
