//! What is wrong with a print template, told to the one in the county who adapted it:
//! which file, which line, and what the standards PDF/A-3a and PDF/UA-1 ask there.

/// What Typst says of a document that is no archive, with what to do; its own words
/// follow, for whoever searches for them.
const KNOWN: [(&str, &str); 14] = [
    ("missing alt text", "图没有替代文字：给它写 alt，只是装饰的放进 pdf.artifact"),
    ("missing document title", "没有文档标题：用 set document(title: ..) 写上"),
    ("document title", "没有文档标题：用 set document(title: ..) 写上"),
    ("missing document language", "没有写是什么语言：用 set text(lang: \"zh\") 写上"),
    ("document language", "没有写是什么语言：用 set text(lang: \"zh\") 写上"),
    ("transparency", "用了透明，请换成不透明的颜色或图"),
    ("interpolat", "图片要按像素放大：给它写 scaling: \"pixelated\""),
    ("PostScript", "锥形渐变不能存档，请换一种"),
    ("conic", "锥形渐变不能存档，请换一种"),
    ("CMYK", "请用 RGB 颜色"),
    ("file description", "附件没有说明：给 pdf.attach 写 description"),
    ("mime type", "附件没有写类型：给 pdf.attach 写 mime-type"),
    ("document date", "没有日期：set document(date: ..) 不能是 none"),
    ("heading", "标题的级别跳了，或者不是标题：标题从一级起，一级一级往下"),
];

/// `portfolio.typ 第 12 行：图没有替代文字…（PDF/UA-1 error: missing alt text）`
pub(super) fn told(message: &str, place: Option<(String, usize)>) -> String {
    let at = place.map(|(file, line)| format!("{file} 第 {line} 行：")).unwrap_or_default();
    match KNOWN.iter().find(|(part, _)| message.contains(part)) {
        Some((_, cure)) => format!("{at}{cure}（{message}）"),
        None => format!("{at}{message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn the_standards_complaints_are_told_in_chinese_with_their_place() {
        let said = told("PDF/UA-1 error: missing alt text", Some(("portfolio.typ".to_owned(), 12)));
        assert!(said.starts_with("portfolio.typ 第 12 行：图没有替代文字"), "{said}");
        assert_eq!(told("unknown variable: x", None), "unknown variable: x");
    }
}
