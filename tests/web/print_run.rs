//! A print run goes on after whatever stops it, and ends with every file once.
use crate::place::Place;
use crate::portfolio::graduate;
use crate::support::{School, scratch};
use qinghe::platform::files::Files;
use std::process::{Child, Command, Stdio};

/// The program, serving on a port of its own choice; dropped, it is killed (SIGKILL).
struct Serving(Child);

impl Serving {
    fn at(place: &Place) -> Self {
        let mut program = place.program(&["serve"]);
        Serving(program.env("QINGHE_LISTEN", "127.0.0.1:0").stderr(Stdio::null()).spawn().unwrap())
    }

    /// Watches until `seen`; the program must go on all the while.
    fn until(&mut self, what: &str, mut seen: impl FnMut() -> bool) {
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
fn adapted(change: impl Fn(String) -> String) -> std::path::PathBuf {
    let folder = scratch().join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/typst/portfolio.typ");
    std::fs::write(folder.join("portfolio.typ"), change(std::fs::read_to_string(built_in).unwrap())).unwrap();
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
        let folder = adapted(change);
        school = school.arranged(|house| house.press = room(folder));
        let refused = school.sign_in_now("office1").await.post(page, &[]).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text);
        for words in [said, "portfolio.typ 第", "QINGHE_TEMPLATES"] {
            assert!(refused.text.contains(words), "{what}: {words}: {}", refused.text);
        }
        assert_eq!(school.count("print_run"), 0, "{what}");
    }
    let folder = adapted(|text| text.replace("毕业成长档案", "毕业成长手册"));
    let school = school.arranged(|house| house.press = room(folder));
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.post(page, &[]).await.status, 303);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
    let one = office.get(&format!("/office/print/2025/pupil/{}.pdf", school.map.li)).await;
    crate::pdf::check(&one.bytes, "李沐阳", &["毕业成长手册"]);
}
