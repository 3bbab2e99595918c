//! The roster's template: the columns that are read, with drop-downs for what has a code
//! and a note where people go wrong.

use crate::access::Refused;
use crate::roster::reading::words_of_table;
use rust_xlsxwriter::{Color, DataValidation, Format, Note, Workbook, XlsxError};

/// How many rows the drop-downs reach down.
const ROWS: u32 = 2_000;
/// Where the lists stand that drop-downs offer; it has no header, so that it is not read.
const LISTS: &str = "可选的写法";

/// A column: its name, what its note says, and what may be chosen.
struct Column {
    name: &'static str,
    needed: bool,
    note: &'static str,
    choices: Vec<String>,
}

fn columns(classes: &[String]) -> Vec<Column> {
    let table = |name: &str| words_of_table(name).into_iter().map(str::to_owned).collect::<Vec<String>>();
    let plain = |name, needed, note| Column { name, needed, note, choices: Vec::new() };
    let coded = |name, needed, note, choices| Column { name, needed, note, choices };
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    vec![
        plain("姓名", true, "照户口本写。同名同班的两个人，靠学籍号分开，不用改名字。"),
        coded("性别", true, "男或女。", words(&["男", "女"])),
        coded("班号", true, "写全：八年级(1)班、2025级1班、801 都认得。", classes.to_vec()),
        plain("班内学号", false, "1 到 99。空着就按表里的先后排。"),
        plain("全国学籍号", false, "G 或 L 开头。整列已设成文本，别用数字格式，否则后几位会丢。"),
        plain("身份证件号", false, "18 位。学籍号没有的，这一列要填。"),
        coded("身份证件类型", false, "空着就是居民身份证。", table("document")),
        plain("出生日期", false, "2013-02-28 这样。空着就从身份证号里读。"),
        plain("入学年月", false, "2025-09 这样。"),
        coded("民族", false, "", table("ethnic")),
        coded("政治面貌", false, "", table("political")),
        coded("就读方式", false, "", table("boarding")),
        coded("是否留守儿童", false, "", table("left_behind")),
        plain("成员1姓名", false, "爸爸、妈妈或别的监护人。"),
        coded("成员1关系", false, "", table("relation")),
        plain("成员1联系电话", false, "11 位手机号，加密存放，页面上只露头尾。"),
        coded("成员1是否监护人", false, "", words(&["是", "否"])),
        plain("成员2姓名", false, ""),
        coded("成员2关系", false, "", table("relation")),
        plain("成员2联系电话", false, ""),
        coded("成员2是否监护人", false, "", words(&["是", "否"])),
    ]
}

/// The template of a school with these classes, as a workbook.
pub fn roster_template(classes: &[String]) -> Result<Vec<u8>, Refused> {
    made(&columns(classes)).map_err(Refused::broken)
}

fn made(columns: &[Column]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let head = Format::new().set_bold().set_num_format("@").set_background_color(Color::RGB(0xEEF6F4));
    let needed = head.clone().set_font_color(Color::RGB(0x96301E));
    let page = book.add_worksheet().set_name("名单")?;
    let mut lists = 0_u16;
    for (at, column) in columns.iter().enumerate() {
        let at = at as u16;
        page.set_column_format(at, &text)?;
        page.set_column_width(at, if column.name.contains('号') { 22.0 } else { 14.0 })?;
        page.write_string_with_format(0, at, column.name, if column.needed { &needed } else { &head })?;
        if !column.note.is_empty() {
            page.insert_note(0, at, &Note::new(column.note).set_author("青禾综评"))?;
        }
        if !column.choices.is_empty() {
            let letter = rust_xlsxwriter::column_number_to_name(lists);
            let range = format!("='{LISTS}'!${letter}$1:${letter}${}", column.choices.len());
            let offer = DataValidation::new()
                .allow_list_formula(range.as_str().into())
                .set_error_title("请从列表里选")?
                .set_error_message("点这一格右边的小三角，选一个。")?;
            page.add_data_validation(1, at, ROWS, at, &offer)?;
            lists += 1;
        }
    }
    page.set_freeze_panes(1, 1)?;
    let page = book.add_worksheet().set_name(LISTS)?;
    for (at, column) in columns.iter().filter(|column| !column.choices.is_empty()).enumerate() {
        for (line, word) in column.choices.iter().enumerate() {
            page.write_string_with_format(line as u32, at as u16, word, &text)?;
        }
    }
    page.set_hidden(true);
    book.save_to_buffer()
}
