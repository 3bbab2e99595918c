//! Text as people type it: full-width digits, stray blanks, pinyin.

/// Trims blanks of every kind (also full-width and zero-width), drops control
/// characters and a byte-order mark, and turns runs of blanks into one.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || is_invisible(c) || c.is_control() {
            blank = !is_invisible(c) || blank;
        } else {
            if blank && !out.is_empty() {
                out.push(' ');
            }
            blank = false;
            out.push(c);
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{00ad}')
}

/// Full-width ASCII (０-９ Ａ-Ｚ （） ．) as half-width.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            _ => c,
        })
        .collect()
}

/// A code or number as it should be stored: half-width, no blanks, capitals.
pub fn code_like(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect::<String>().to_uppercase()
}

/// Pinyin without tones, syllables run together, then the initials:
/// `李沐阳` → `limuyang lmy`. Characters without pinyin stay as they are.
pub fn pinyin(name: &str) -> String {
    use pinyin::ToPinyin;
    let (mut whole, mut initials) = (String::new(), String::new());
    for (c, reading) in name.chars().zip(name.to_pinyin()) {
        match reading {
            Some(reading) => {
                whole.push_str(reading.plain());
                initials.extend(reading.plain().chars().next());
            }
            None => {
                whole.push(c);
                initials.push(c);
            }
        }
    }
    format!("{whole} {initials}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_every_kind_go() {
        assert_eq!(tidy("\u{feff}　李 \u{200b} 沐阳\t\n"), "李 沐阳");
        assert_eq!(tidy("李\u{200b}沐阳"), "李沐阳");
        assert_eq!(code_like(" ｇ２１０ 421x "), "G210421X");
    }

    #[test]
    fn pinyin_is_for_finding() {
        assert_eq!(pinyin("李沐阳"), "limuyang lmy");
        assert_eq!(pinyin("陈𠮷"), "chen𠮷 c𠮷");
    }
}
