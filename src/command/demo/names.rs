//! Names, logins and numbers, none of them twice where one must not be.

use super::chance::Chance;
use super::words::Words;
use crate::names::Sex;
use crate::platform::text::pinyin;
use chrono::{Days, NaiveDate};
use std::collections::{HashMap, HashSet};

pub struct Namer<'w> {
    words: &'w Words,
    logins: HashSet<String>,
    /// Names of pupils, so that no school has two of one name.
    pupils: HashSet<String>,
    /// How many were born on a day, of either sex.
    born: HashMap<(NaiveDate, bool), u32>,
    phones: u32,
}

impl<'w> Namer<'w> {
    pub fn new(words: &'w Words) -> Self {
        Namer { words, logins: HashSet::new(), pupils: HashSet::new(), born: HashMap::new(), phones: 0 }
    }

    pub fn surname(&self, chance: &mut Chance) -> &'w str {
        let surname: &String = chance.weighed(&self.words.surnames);
        surname
    }

    /// A pupil's name with this surname, of which there is no other.
    pub fn pupil(&mut self, chance: &mut Chance, surname: &str, sex: Sex) -> String {
        let given = if sex == Sex::Male { &self.words.boys } else { &self.words.girls };
        let mut name = String::new();
        // In a county far larger than the list of names some will be alike, as in life.
        for _ in 0..40 {
            name = format!("{surname}{}", chance.one_of(given));
            if !self.pupils.contains(&name) {
                break;
            }
        }
        self.pupils.insert(name.clone());
        name
    }

    /// A grown-up's name with this surname.
    pub fn adult(&self, chance: &mut Chance, surname: &str, sex: Sex) -> String {
        let given = if sex == Sex::Male { &self.words.men } else { &self.words.women };
        format!("{surname}{}", chance.one_of(given))
    }

    /// The pinyin of the name, with a number where someone has it already.
    pub fn login(&mut self, name: &str) -> String {
        let spelled = pinyin(name);
        // As the keyboard has it: ü is typed as v.
        let spelled = spelled.split(' ').next().unwrap_or_default().to_lowercase().replace('ü', "v");
        let mut login = spelled.clone();
        let mut n = 1;
        while !self.logins.insert(login.clone()) {
            n += 1;
            login = format!("{spelled}{n}");
        }
        login
    }

    /// A day of birth for someone who enters grade 7 in `cohort`: twelve, not yet thirteen.
    pub fn birthday(&self, chance: &mut Chance, cohort: i32) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(cohort - 13, 9, 1).unwrap_or_default();
        first + Days::new(chance.below(365) as u64)
    }

    /// A citizen's number (GB 11643) that nobody else in this county has.
    pub fn citizen(&mut self, born: NaiveDate, sex: Sex) -> String {
        let male = sex == Sex::Male;
        let n = self.born.entry((born, male)).or_default();
        *n += 1;
        let serial = (*n * 2 + u32::from(male)) % 1000;
        let body = format!("210421{}{serial:03}", born.format("%Y%m%d"));
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let check = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize];
        format!("{body}{check}")
    }

    /// A telephone number as long as one, of a kind that nobody is ever given.
    pub fn phone(&mut self) -> String {
        self.phones += 1;
        format!("100{:08}", self.phones)
    }
}
