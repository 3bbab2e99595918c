//! What a person can reach in a whole county, read page by page, with the bands changed
//! underneath: nothing a family reaches depends on another child's band; nothing anyone
//! reaches is a number made from bands, or an order by them.
use crate::ground::{Account, Ground, Served};
use crate::pdf;
use crate::support::raw;
use diesel::connection::SimpleConnection;
use qinghe::platform::db::Address;
use std::collections::{BTreeMap, VecDeque};

const BAND_TABLES: [&str; 5] = ["banding", "subject_band", "self_evaluation", "indicator_band", "graduation"];
/// A person of this county reaches fewer; more means that the links never end.
const MOST_PAGES: usize = 600;

/// What one person reads, by address.
type Reached = BTreeMap<String, String>;

fn links(page: &str) -> impl Iterator<Item = String> + '_ {
    let spoken = ["href=\"/", "data-beside=\"/", "data-voices=\"/", "data-after=\"/"];
    spoken.into_iter().flat_map(|mark| page.split(mark).skip(1)).filter_map(|rest| {
        let path = rest.split('"').next()?.split('#').next()?.replace("&amp;", "&");
        let static_file = ["assets/", "verify", "sign-out"].iter().any(|begin| path.starts_with(begin));
        (!static_file).then(|| format!("/{path}"))
    })
}

/// A form's token is masked anew in each answer.
fn without_tokens(text: String) -> String {
    let hexadecimal = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let mut words = text.split('"');
    let mut kept = vec![words.next().unwrap_or_default()];
    kept.extend(words.map(|word| match word.split_once('.') {
        Some((mask, token)) if mask.len() == 8 && hexadecimal(token) => "token",
        _ => word,
    }));
    kept.join("\"")
}

/// Every page, JSON and PDF that links lead to.
fn reach(served: &Served, who: &Account, cookie: &str) -> Reached {
    let (mut reached, mut seen) = (Reached::new(), std::collections::BTreeSet::new());
    let mut next = VecDeque::from(["/".to_owned(), "/desks".to_owned()]);
    // Whoever has several desks chooses by a form.
    next.extend(who.students.iter().filter(|_| who.class.is_none()).map(|child| format!("/child/{child}")));
    while let Some(path) = next.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(seen.len() < MOST_PAGES, "the links never end: {path}");
        let (status, head, body) = served.fetch(&path, cookie);
        let header = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            found.unwrap_or_default().to_owned()
        };
        if status == 303 || status == 302 {
            let to = header("location");
            next.push_back(to.strip_prefix("http://localhost:8080").unwrap_or(&to).to_owned());
            continue;
        }
        assert!(status < 500, "{path}: {status}");
        let kind = header("content-type");
        let text = if kind.starts_with("application/pdf") {
            pdf::text(&body)
        } else if kind.starts_with("text/") || kind.contains("json") {
            without_tokens(String::from_utf8(body).unwrap())
        } else {
            continue; // photos, and workbooks to be filled in
        };
        if kind.starts_with("text/html") {
            next.extend(links(&text));
        }
        reached.insert(path, text);
    }
    reached
}

/// Each band becomes the next of the four, for all pupils or for all but some; what holds
/// rows as they are stands aside for it.
fn turn_bands(ground: &Ground, tables: &[&str], of: &str) {
    let mut conn = raw(&ground.database);
    for table in tables {
        match ground.database {
            Address::Sqlite(_) => {
                let on_it =
                    format!("SELECT name AS line FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
                for trigger in ground.lines(&on_it) {
                    conn.batch_execute(&format!("DROP TRIGGER {trigger}")).unwrap();
                }
            }
            Address::Postgres(_) => {
                conn.batch_execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).unwrap();
            }
        }
        conn.batch_execute(&format!(
            "UPDATE {table} SET band = CASE band WHEN 'excellent' THEN 'good' WHEN 'good' THEN 'qualified'
             WHEN 'qualified' THEN 'developing' ELSE 'excellent' END WHERE band IS NOT NULL AND {of}"
        ))
        .unwrap();
    }
}

fn among(ground: &Ground, students: &[String]) -> String {
    let (before, after) = if matches!(ground.database, Address::Sqlite(_)) { ("x'", "'") } else { ("'", "'") };
    let quoted: Vec<String> = students.iter().map(|id| format!("{before}{id}{after}")).collect();
    format!("student_id IN ({})", quoted.join(", "))
}

#[test]
fn nothing_a_family_reaches_depends_on_another_childs_band() {
    let ground = Ground::new();
    let served = Served::at(&ground);
    let accounts = ground.accounts();
    for role in ["guardian", "pupil"] {
        // The first are of a signed class: their families see bands of the present term.
        for family in accounts.iter().filter(|account| account.role == role).take(3) {
            let cookie = served.sign_in(family);
            // The first reading leaves traces that the family may see.
            reach(&served, family, &cookie);
            let [before, again] = [reach(&served, family, &cookie), reach(&served, family, &cookie)];
            assert!(before.len() > 8, "{:?}", before.keys());
            turn_bands(&ground, &BAND_TABLES, &format!("NOT {}", among(&ground, &family.students)));
            same(&before, &again, &reach(&served, family, &cookie), family);
            turn_bands(&ground, &BAND_TABLES, &among(&ground, &family.students));
            assert_ne!(before, reach(&served, family, &cookie), "{family:?} sees no band at all");
        }
    }
}

/// But for what differs between two readings with nothing between them: the key of an empty form.
fn same(before: &Reached, again: &Reached, after: &Reached, who: &Account) {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{who:?}");
    for (path, text) in before {
        let now = &after[path];
        assert_eq!(text.lines().count(), now.lines().count(), "{path}");
        let steady = text.lines().zip(again[path].lines()).map(|(was, again)| was == again);
        if let Some(((was, is), _)) =
            text.lines().zip(now.lines()).zip(steady).find(|((was, is), steady)| *steady && was != is)
        {
            panic!("{path} of {who:?} changed with others' bands:\n{was}\n{is}");
        }
    }
}

/// What can be read on a page, without what is drawn or run.
fn readable(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        rest = &rest[open..];
        let hidden = ["script", "style", "svg"].iter().find(|tag| rest[1..].starts_with(*tag));
        let end = match hidden {
            Some(tag) => rest.find(&format!("</{tag}>")),
            None => rest.find('>'),
        };
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        text.push(' ');
    }
    text + rest
}

/// The numbers, in the order in which they stand; ids are none.
fn numbers(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    words.filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || c == '.')).collect()
}

#[test]
fn nothing_anyone_reaches_is_a_number_made_from_bands_or_an_order_by_them() {
    let ground = Ground::new();
    let served = Served::at(&ground);
    let accounts = ground.accounts();
    let names = ground.lines("SELECT name AS line FROM student ORDER BY name");
    // Every cell with the sentences that some bands ask for, and last term as it is: what is
    // lacking stays the same.
    turn_bands(&ground, &BAND_TABLES, "1 = 0");
    raw(&ground.database)
        .batch_execute("UPDATE banding SET ground = '看得见的事', help = '一起做' WHERE band IS NOT NULL")
        .unwrap();
    let mut changed = 0;
    for role in ["homeroom", "subject", "guardian", "pupil", "office", "principal", "county"] {
        let who = accounts.iter().find(|account| account.role == role).unwrap();
        let cookie = served.sign_in(who);
        reach(&served, who, &cookie);
        let before = reach(&served, who, &cookie);
        turn_bands(&ground, &["banding", "subject_band", "self_evaluation", "indicator_band"], "term = 20261");
        let after = reach(&served, who, &cookie);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{who:?}");
        for (path, was) in &before {
            changed += usize::from(after[path] != *was);
            let [was, is] = [readable(was), readable(&after[path])];
            assert_eq!(numbers(&was), numbers(&is), "{path} of {who:?} has a number made from bands: {was}\n{is}");
            let order = |text: &str| {
                let mut found: Vec<(usize, &str)> =
                    names.iter().flat_map(|name| text.match_indices(name.as_str())).collect();
                found.sort_unstable();
                found.into_iter().map(|(_, name)| name.to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(order(&was), order(&is), "{path} of {who:?} is ordered by bands");
        }
    }
    assert!(changed > 4, "only {changed} pages showed a band");
}
