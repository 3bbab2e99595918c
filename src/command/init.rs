//! `qinghe init` and `qinghe account reset`

use super::house::{Migrating, open, open_founded};
use super::{Done, Failed};
use crate::access::{Door, Operator};
use crate::account::{LinkMade, Login, NewAccount, account_named};
use crate::names::{Cohort, Duty, Grade};
use crate::platform::clock::Clock;
use crate::platform::settings::Settings;
use crate::roster::calendar::{LayCalendar, present_term};
use crate::roster::{AppointCounty, AppointStaff, Appointment, JoinSchool, OpenClass, Position};
use crate::scheme::{PublishScheme, Scheme};
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub struct Init {
    /// 县名
    #[arg(long, value_name = "县名")]
    county: Option<String>,
    /// 第一所学校：10 位学校标识码，学校名称
    #[arg(long, num_args = 2, value_names = ["标识码", "名称"])]
    school: Option<Vec<String>>,
    /// 一位老师自己用：一所学校、一个班、一个人身兼教务、校长和班主任
    #[arg(long)]
    teacher: bool,
}

/// The county's first three accounts.
const COUNTY: [(&str, Duty); 3] = [("xitong", Duty::System), ("anquan", Duty::Security), ("shenji", Duty::Audit)];

/// Takes the calendar and the scheme into a county just founded.
pub async fn found(door: &Door, county: &str) -> Result<Operator, Failed> {
    let operator = Operator::at(door);
    operator.found(county).await?;
    operator.county().act(|_| Ok(LayCalendar {})).await?;
    let scheme = Scheme::seed().map_err(Failed::because)?;
    operator.county().act(move |_| Ok(PublishScheme { scheme, reason: None })).await?;
    Ok(operator)
}

impl Init {
    pub async fn perform(self, settings: Settings) -> Done {
        let (code, name) = match (&self.school, self.teacher) {
            (Some(school), false) => (school[0].clone(), school[1].clone()),
            (None, true) => ("3121000000".to_owned(), "我的学校".to_owned()),
            (Some(school), true) => (school[0].clone(), school[1].clone()),
            (None, false) => {
                return Err(Failed::because(
                    "请写上第一所学校：qinghe init --county 县名 --school 10位学校标识码 学校名称；或者 qinghe init --teacher。",
                ));
            }
        };
        let school = JoinSchool::check(&code, &name)?;
        let door = open(&settings, Migrating::Any, Clock::default(), false)?;
        if Operator::at(&door).is_founded().await? {
            return Err(Failed::because(
                "数据库里已经有县和学校了，init 只用于空数据库。要给账号新链接，用 qinghe account reset 账号。",
            ));
        }
        let county = self.county.unwrap_or_else(|| door.house().county.clone());
        let operator = found(&door, &county).await?;
        let code = school.code.clone();
        operator.county().act(move |_| Ok(school)).await?;
        let office = operator.school_office(&code).await?;
        let login = Login::parse(if self.teacher { "laoshi" } else { "jiaowu" }).map_err(Failed::because)?;
        let new = NewAccount { login: login.clone(), name: if self.teacher { "老师" } else { "教务" }.to_owned() };
        let who = Appointment::New(new);
        let account = office.act(move |_| Ok(AppointStaff { who, position: Position::Office })).await?;
        if self.teacher {
            let term = office.look(present_term).await?.term;
            let cohort = Grade::of(7).map_or(Cohort(term.year()), |grade| Cohort::in_grade(grade, term.year()));
            let class = office.act(move |_| Ok(OpenClass { cohort, number: 1 })).await?;
            for position in [Position::Principal, Position::Homeroom { class, term }] {
                let who = Appointment::Known(account);
                office.act(move |_| Ok(AppointStaff { who, position })).await?;
            }
        }
        let invite = office.act(move |_| Ok(LinkMade { account })).await?;
        println!("{county}建好了，第一所学校是{name}。");
        println!("账号 {}，用下面的链接设密码（24 小时内，只能用一次）：", login.as_str());
        println!("{}", invite.address(&door.house().public_url));
        if !self.teacher {
            println!("县里三员分立，三个账号给三个人，各用各的链接：");
            for (login, duty) in COUNTY {
                let new = NewAccount {
                    login: Login::parse(login).map_err(Failed::because)?,
                    name: format!("县级{}", duty.word()),
                };
                println!("{}，账号 {login}：{}", duty.word(), county_link(&door, &operator, new, duty).await?);
            }
        }
        println!("然后运行 qinghe serve，打开链接。");
        Ok(ExitCode::SUCCESS)
    }
}

/// `qinghe account reset LOGIN`
pub async fn reset(settings: Settings, typed: &str) -> Done {
    let login = Login::parse(typed).map_err(Failed::because)?;
    let door = open_founded(&settings, Migrating::Embedded)?;
    let operator = Operator::at(&door);
    let wanted = login.clone();
    let found = operator.county().look(move |look| account_named(look.conn(), &wanted)).await?;
    let Some((account, name)) = found else {
        return Err(Failed::because(format!("没有账号“{}”，或者它已停用。", login.as_str())).with_code(1));
    };
    let invite = operator.county().act(move |_| Ok(LinkMade { account })).await?;
    println!("{name} 的新链接（24 小时内，只能用一次）：");
    println!("{}", invite.address(&door.house().public_url));
    Ok(ExitCode::SUCCESS)
}

/// Opens an account of the county's; the link with which its owner sets a password.
async fn county_link(door: &Door, operator: &Operator, new: NewAccount, duty: Duty) -> Result<String, Failed> {
    let account = operator.county().act(move |_| Ok(AppointCounty { new, duty })).await?;
    let invite = operator.county().act(move |_| Ok(LinkMade { account })).await?;
    Ok(invite.address(&door.house().public_url))
}

/// `qinghe account county LOGIN NAME --duty DUTY`
pub async fn appoint_county(settings: Settings, login: &str, name: &str, duty: Duty) -> Done {
    let new = NewAccount { login: Login::parse(login).map_err(Failed::because)?, name: name.to_owned() };
    let door = open_founded(&settings, Migrating::Embedded)?;
    let operator = Operator::at(&door);
    let link = county_link(&door, &operator, new, duty).await?;
    println!("{name}（{}）的链接（24 小时内，只能用一次）：", duty.word());
    println!("{link}");
    Ok(ExitCode::SUCCESS)
}
