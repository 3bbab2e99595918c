//! Rows: each becomes a pupil with a class, or a list of what is wrong with it.

use super::class_name::ClassRef;
use super::codes::{code_of, word_of};
use super::{CellNote, Columns, cells};
use crate::names::Sex;
use crate::platform::workbook::{Cell, Sheet};
use crate::roster::{CitizenNumber, FamilyMember, NewPupil, StudentNumber, mask};
use chrono::{Datelike, NaiveDate};

/// One row of a roster.
pub struct RowRead {
    /// Which of the sheets read it stands in.
    pub sheet: usize,
    /// The line the person sees in the spreadsheet.
    pub line: usize,
    /// Where it is in the sheet's rows.
    pub at: usize,
    pub name: String,
    pub class: Option<ClassRef>,
    /// Whether the sheet itself names the seat.
    pub seat_told: bool,
    /// What it says, if nothing is wrong with it so far.
    pub pupil: Option<NewPupil>,
    pub faults: Vec<CellNote>,
    /// Taken, but worth a look.
    pub remarks: Vec<CellNote>,
}

/// For whom a sheet is read.
pub struct Context<'s> {
    pub school_code: &'s str,
    pub school_year: i32,
    /// The class the sheet itself is named after, for rows that name none.
    pub named: Option<ClassRef>,
    /// Which of the sheets read it is.
    pub at: usize,
}

struct Reader<'s> {
    columns: &'s Columns,
    school_code: &'s str,
    school_year: i32,
    named: Option<ClassRef>,
    sheet: usize,
}

/// Reads every row below the header; blank ones are passed over.
pub fn read_rows(sheet: &Sheet, columns: &Columns, header: usize, context: &Context<'_>) -> Vec<RowRead> {
    let Context { school_code, school_year, named, at: number } = *context;
    let reader = Reader { columns, school_code, school_year, named, sheet: number };
    sheet
        .rows
        .iter()
        .enumerate()
        .skip(header + 1)
        .filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
        .map(|(at, row)| reader.row(at, sheet.first_line + at, row))
        .collect()
}

/// Collects what a row says and what is wrong with it.
struct Row<'s> {
    reader: &'s Reader<'s>,
    cells: &'s [Cell],
    faults: Vec<CellNote>,
    remarks: Vec<CellNote>,
}

impl<'s> Row<'s> {
    fn cell(&self, name: &str) -> &'s Cell {
        self.reader.columns.cell(self.cells, name)
    }

    fn note(&self, name: &str, cure: impl Into<String>) -> CellNote {
        let was = match name {
            "身份证件号" => mask(&self.cell(name).shown(), 6),
            "全国学籍号" => mask(&self.cell(name).shown(), 7),
            _ => self.cell(name).shown().chars().take(40).collect(),
        };
        CellNote { column: self.reader.columns.header(name), was, cure: cure.into() }
    }

    fn fault(&mut self, name: &str, cure: impl Into<String>) {
        let note = self.note(name, cure);
        self.faults.push(note);
    }

    fn remark(&mut self, name: &str, cure: impl Into<String>) {
        let note = self.note(name, cure);
        self.remarks.push(note);
    }

    fn text(&self, name: &str) -> Option<String> {
        Some(self.cell(name).shown()).filter(|text| !text.is_empty())
    }

    fn take<T>(&mut self, name: &str, found: Result<cells::Found<T>, String>) -> Option<T> {
        match found {
            Ok((value, remark)) => {
                if let Some(remark) = remark {
                    self.remark(name, remark);
                }
                Some(value)
            }
            Err(cure) => {
                self.fault(name, cure);
                None
            }
        }
    }

    fn coded(&mut self, name: &str, table: &str) -> Option<String> {
        let typed = self.text(name)?;
        match code_of(table, &typed) {
            Some(code) => {
                let word = word_of(table, code).unwrap_or_default();
                if word.strip_suffix('族') == Some(&typed) {
                    self.remark(name, format!("已当作“{word}”。"));
                }
                Some(code.to_owned())
            }
            None => {
                self.fault(name, "这个值不在代码表里。请写代码或中文名称。");
                None
            }
        }
    }

    /// The pupil's number and the identity document.
    fn numbers(&mut self) -> (Option<StudentNumber>, Option<(String, String)>, Option<CitizenNumber>) {
        let kind = self.text("身份证件类型").and_then(|typed| code_of("document", &typed));
        let document_cell = self.cell("身份证件号");
        let mut citizen = None;
        let mut document = None;
        if let Some(cure) = cells::lost_digits(document_cell) {
            self.fault("身份证件号", cure);
        } else if let Some(typed) = self.text("身份证件号") {
            if matches!(kind, None | Some("1")) {
                match CitizenNumber::parse(&typed) {
                    Ok(number) => {
                        document = Some(("1".to_owned(), number.as_str().to_owned()));
                        citizen = Some(number);
                    }
                    Err(cure) => self.fault("身份证件号", cure),
                }
            } else {
                let kind = kind.unwrap_or("Z").to_owned();
                document = Some((kind, crate::platform::text::code_like(&typed)));
            }
        }
        let number = if let Some(cure) = cells::lost_digits(self.cell("全国学籍号")) {
            self.fault("全国学籍号", cure);
            None
        } else {
            match (self.text("全国学籍号"), &citizen) {
                (Some(typed), _) => match StudentNumber::parse(&typed) {
                    Ok(number) => Some(number),
                    Err(cure) => {
                        self.fault("全国学籍号", cure);
                        None
                    }
                },
                // A new pupil's entry sheet has no number yet: G and the citizen's number.
                (None, Some(citizen)) => StudentNumber::parse(&format!("G{}", citizen.as_str())).ok(),
                (None, None) => {
                    if self.faults.is_empty() {
                        self.fault("全国学籍号", "没有学籍号，也没有身份证号。请至少补上一个。");
                    }
                    None
                }
            }
        };
        if let (Some(number), Some(citizen)) = (&number, &citizen)
            && number.citizen().is_some_and(|inside| inside != *citizen)
        {
            self.remark("全国学籍号", "学籍号里的身份证号和“身份证件号”不一样。换过证的可以这样，请看一眼。");
        }
        let citizen = citizen.or_else(|| number.as_ref().and_then(StudentNumber::citizen));
        (number, document, citizen)
    }

    fn sex_and_birth(&mut self, citizen: Option<&CitizenNumber>) -> (Option<Sex>, Option<NaiveDate>) {
        let sex = cells::sex(&self.cell("性别").shown()).map(|sex| (sex, None));
        let sex = self.take("性别", sex);
        let born = if self.cell("出生日期").is_empty() {
            let from_number = citizen.and_then(|citizen| citizen.born_on().ok());
            if from_number.is_none() {
                self.fault("出生日期", "没有出生日期，身份证号里也读不出来。请补上。");
            }
            from_number
        } else {
            let found = cells::date(self.cell("出生日期"));
            self.take("出生日期", found)
        };
        if let Some(citizen) = citizen {
            if let (Some(born), Ok(in_number)) = (born, citizen.born_on())
                && born != in_number
            {
                self.fault("出生日期", format!("和身份证号里的 {in_number} 不一样。请照户口本改对一处。"));
            }
            if let Some(sex) = sex
                && (sex == Sex::Male) != citizen.is_male()
            {
                let inside = if citizen.is_male() { "男" } else { "女" };
                self.fault("性别", format!("和身份证号里的（{inside}）不一样。请照户口本改对一处。"));
            }
        }
        (sex, born)
    }

    fn family(&mut self) -> Vec<FamilyMember> {
        let mut family = Vec::new();
        for n in 1..=2 {
            let (name_column, relation_column, phone_column, guardian_column) = (
                format!("成员{n}姓名"),
                format!("成员{n}关系"),
                format!("成员{n}联系电话"),
                format!("成员{n}是否监护人"),
            );
            let Some(name) = self.text(&name_column) else { continue };
            let relation = match self.text(&relation_column) {
                None => None,
                Some(typed) => match code_of("relation", &typed).and_then(|code| word_of("relation", code)) {
                    Some(word) => Some(word.to_owned()),
                    None => {
                        self.remark(&relation_column, "不在关系代码表里，已按“其他监护人”存。");
                        Some("其他监护人".to_owned())
                    }
                },
            };
            let phone = match self.text(&phone_column) {
                None => None,
                Some(typed) => {
                    let phone = cells::phone(&typed);
                    if phone.is_none() {
                        self.remark(&phone_column, "不像电话号码，这一格没有存，别的照收。");
                    }
                    phone
                }
            };
            let is_guardian =
                self.text(&guardian_column).and_then(|typed| code_of("yes_no", &typed)).map(|code| code == "1");
            family.push(FamilyMember { name, relation, phone, is_guardian });
        }
        family
    }
}

impl Reader<'_> {
    fn row(&self, at: usize, line: usize, cells: &[Cell]) -> RowRead {
        let mut row = Row { reader: self, cells, faults: Vec::new(), remarks: Vec::new() };
        let broken: Vec<String> = ["姓名", "性别", "出生日期", "班号", "全国学籍号", "身份证件号"]
            .iter()
            .filter(|name| matches!(row.cell(name), Cell::Error(_)))
            .map(|name| (*name).to_owned())
            .collect();
        for name in broken {
            row.fault(&name, "这一格的公式出错了。请改成实在的内容。");
        }
        if let Some(code) = row.text("学校标识码")
            && crate::platform::text::code_like(&code) != self.school_code
        {
            row.fault(
                "学校标识码",
                format!("不是本校的标识码（本校是 {}）。别校的学生请由那所学校导入。", self.school_code),
            );
        }
        let name = cells::name(&row.cell("姓名").shown());
        let name = row.take("姓名", name.map(|name| (name, None)));
        let (number, document, citizen) = row.numbers();
        let (sex, born_on) = row.sex_and_birth(citizen.as_ref());
        let entered_on = if row.cell("入学年月").is_empty() {
            None
        } else {
            let found = cells::month(row.cell("入学年月"));
            row.take("入学年月", found)
        };
        let class = ClassRef::parse(
            &row.cell("班号").shown(),
            &row.cell("年级").shown(),
            entered_on.map(|day| day.year()),
            self.school_year,
        );
        let class = class.or(self.named.filter(|_| row.cell("班号").is_empty()));
        if class.is_none() {
            row.fault("班号", "认不出是哪个班。写成“八年级1班”，或另有“年级”一列时写“1”。");
        } else if class.is_some_and(|class| class.cohort.grade_in(self.school_year).is_none()) {
            row.fault("班号", "不是现在七到九年级的班。请核对年级和入学年月。");
        }
        let seat = match row.text("班内学号") {
            None => Some(0),
            Some(_) => {
                let seat = cells::whole(row.cell("班内学号")).filter(|seat| (1..=99).contains(seat));
                if seat.is_none() {
                    row.fault("班内学号", "应是 1 到 99 的数。");
                }
                seat
            }
        };
        let (ethnic, political) = (row.coded("民族", "ethnic"), row.coded("政治面貌", "political"));
        let (boarding, left_behind) = (row.coded("就读方式", "boarding"), row.coded("是否留守儿童", "left_behind"));
        let family = row.family();
        let pupil = match (name.clone(), number, sex, born_on, class, seat) {
            (Some(name), Some(number), Some(sex), Some(born_on), Some(class), Some(seat)) if row.faults.is_empty() => {
                let first_day = NaiveDate::from_ymd_opt(class.cohort.0, 9, 1);
                Some(NewPupil {
                    name,
                    former_name: row.text("曾用名"),
                    sex,
                    born_on,
                    ethnic,
                    political,
                    boarding,
                    left_behind,
                    regular_class: row.text("随班就读"),
                    number: number.as_str().to_owned(),
                    document,
                    seat,
                    auxiliary: row.text("学籍辅号"),
                    entered_on: entered_on.or(first_day).unwrap_or(born_on),
                    family,
                })
            }
            _ => None,
        };
        let shown = name.unwrap_or_else(|| "（没有姓名）".to_owned());
        let seat_told = seat.is_some_and(|seat| seat > 0);
        RowRead {
            sheet: self.sheet,
            seat_told,
            line,
            at,
            name: shown,
            class,
            pupil,
            faults: row.faults,
            remarks: row.remarks,
        }
    }
}
