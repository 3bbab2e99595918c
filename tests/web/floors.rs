//! The house stays the house: read from its own sources.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::visit::Visit;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

pub fn files_under(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The modules in floors order: a module uses only those before it.
fn floors() -> Vec<String> {
    let lib = syn::parse_file(&std::fs::read_to_string(root().join("src/lib.rs")).unwrap()).unwrap();
    lib.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// Every `crate::module` a file names: in `use` trees, in paths, inside macros.
struct Named {
    modules: BTreeSet<String>,
}

impl Named {
    fn in_file(path: &Path) -> BTreeSet<String> {
        let file = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut named = Named { modules: BTreeSet::new() };
        named.visit_file(&file);
        named.modules
    }

    fn tree(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                self.modules.insert(path.ident.to_string());
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree)),
            syn::UseTree::Name(name) => {
                self.modules.insert(name.ident.to_string());
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let syn::UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.tree(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == "crate")
            && let Some(module) = segments.next()
        {
            self.modules.insert(module.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        let text = mac.tokens.to_string();
        for part in text.split("crate :: ").skip(1) {
            self.modules.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
}

#[test]
fn a_module_looks_only_upward() {
    let (src, floors) = (root().join("src"), floors());
    assert!(floors.len() >= 10);
    let mut wrong = Vec::new();
    for path in files_under(&src, ".rs") {
        let inside = path.strip_prefix(&src).unwrap().components().next().unwrap();
        let inside = inside.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some(floor) = floors.iter().position(|module| *module == inside) else { continue };
        for module in Named::in_file(&path) {
            if floors.iter().position(|other| *other == module).is_some_and(|other| other > floor) {
                wrong.push(format!("{} names {module}, which stands below it", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_page_asks_a_store_and_names_no_table() {
    for path in files_under(&root().join("src"), ".rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let shown = path.display();
        let is_page = path.to_str().unwrap().contains("/pages");
        if is_page {
            for word in ["diesel::", "schema::", "platform::db", "access::own"] {
                assert!(!text.contains(word), "{shown} names {word}: a page asks a store");
            }
        }
        let may_hide = declares_own(&path) || path.ends_with("db/mod.rs");
        if !may_hide {
            assert!(!text.contains("::hidden"), "{shown} reaches for a hidden table");
        }
        if text.contains("banding") && !is_test_only(&text) {
            let at_home = path.starts_with(root().join("src/evaluation/store"));
            assert!(at_home, "{shown} names the banding table, which is private to evaluation::store");
        }
    }
}

/// Where a school's own tables are declared.
fn declares_own(path: &Path) -> bool {
    path.starts_with(root().join("src/access/own"))
}

fn is_test_only(text: &str) -> bool {
    text.find("banding").is_some_and(|at| text[..at].contains("#[cfg(test)]"))
}

#[test]
fn a_hidden_table_is_joined_and_never_begun_with() {
    for path in files_under(&root().join("src"), ".rs") {
        if declares_own(&path) {
            continue;
        }
        let text: String = std::fs::read_to_string(&path).unwrap().split_whitespace().collect();
        for (at, _) in text.match_indices("::joined()") {
            let before = &text[..at];
            let name = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0);
            let before = &before[..=name];
            assert!(
                before.ends_with("inner_join(") || before.ends_with("left_join("),
                "{}: a query begins with joined(): …{}",
                path.display(),
                &text[at.saturating_sub(60)..at]
            );
        }
    }
}

#[test]
fn nobody_but_access_opens_the_database() {
    let allowed = ["src/platform", "src/access", "src/command"];
    for path in files_under(&root().join("src"), ".rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        if allowed.iter().any(|folder| path.starts_with(root().join(folder))) {
            continue;
        }
        for word in ["Database", ".door()", "Desk::of", "InSchool::granted", "stand_in("] {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn no_list_of_pupils_is_ordered_by_anything_but_seats() {
    let sorters = [".order(banding::", ".order((banding::", "sort_by", "sort_by_key", "max_by", "min_by"];
    for path in files_under(&root().join("src/evaluation"), ".rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for sorter in sorters {
            assert!(!text.contains(sorter), "{} says {sorter}", path.display());
        }
    }
    for path in files_under(&root().join("src"), ".rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["PartialOrd for Band", "Ord for Band", "?sort=", "sort: "] {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn nothing_shown_ranks() {
    let banned = ["排名", "第一名", "总分", "得分", "平均分", "击败", "优等生", "差生"];
    let mut shown = files_under(&root().join("templates"), "");
    shown.extend(files_under(&root().join("assets"), ""));
    shown.extend(files_under(&root().join("seed"), ""));
    shown.extend(files_under(&root().join("src"), ".rs"));
    for path in shown {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let text = text
            .replace("没有名次", "")
            .replace("不排名", "")
            .replace("没有比较名次", "")
            .replace("也没有比较名次", "");
        for word in banned.iter().chain(&["名次"]) {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn style_sheets_stay_within_old_browsers() {
    for path in files_under(&root().join("assets"), ".css") {
        let text = std::fs::read_to_string(&path).unwrap();
        for young in ["color-mix", "oklch", ":has(", "@layer", "@container", " & "] {
            assert!(!text.contains(young), "{} uses {young}", path.display());
        }
    }
    for path in files_under(&root().join("templates"), ".html") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("style=\""),
            "{} has a style attribute, which the content policy refuses",
            path.display()
        );
        assert!(!text.contains("onclick="), "{} has a script attribute", path.display());
    }
}
