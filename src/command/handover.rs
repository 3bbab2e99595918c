//! `qinghe export handover` and `qinghe import handover`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::Operator;
use crate::names::StudentId;
use crate::platform::settings::Settings;
use crate::platform::text::code_like;
use crate::portfolio::handover::{Sender, close, new_passphrase, receive};
use crate::portfolio::{HandOver, TakeOver, package_of};
use clap::Args;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct HandoverOut {
    /// 10 位学校标识码
    #[arg(long)]
    school: String,
    /// 哪个学生：地址里的那一串
    #[arg(long)]
    student: StudentId,
    /// 写到哪里（.zip）；已有的文件不覆盖
    out: PathBuf,
}

#[derive(Args)]
pub struct HandoverIn {
    /// 10 位学校标识码
    #[arg(long)]
    school: String,
    /// 转接包
    file: PathBuf,
    /// 口令写在哪个文件里（转接单上的口令）；也可以用环境变量 QINGHE_PASSPHRASE。本县自己发的包不用
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// 收给哪个学生：同名同生日的有几个时才要写
    #[arg(long)]
    student: Option<StudentId>,
    /// 只看里面有什么，不收
    #[arg(long)]
    dry_run: bool,
}

impl HandoverOut {
    pub async fn perform(self, settings: Settings) -> Done {
        let door = open_founded(&settings, Migrating::Embedded)?;
        let office = Operator::at(&door).school_office(&code_like(&self.school)).await?;
        let (whole, house, child) = (office.whole_school(), door.house().clone(), self.student);
        let files = house.files.clone();
        let package =
            office.look(move |look| package_of(look, whole, &files, child)).await.map_err(|refused| match refused {
                crate::access::Refused::NotFound => {
                    Failed::because(format!("本校没有学生 {child}，或者他还没有归档的学期。"))
                }
                other => other.into(),
            })?;
        let (terms, secret) = (package.terms.len(), new_passphrase());
        let (issuer, school) = (house.issuer(), office.school().clone());
        let sender =
            Sender { keys: &house.keys, issuer: issuer.clone(), school: school.name, school_code: school.code };
        let bytes =
            close(&sender, package, &secret, house.clock.now()).map_err(|e| Failed::because(format!("{e}。")))?;
        let sha256 = receive(&bytes, &house.believed).map_err(|e| Failed::because(format!("{e}。")))?.envelope.sha256;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.out)
            .map_err(|e| Failed::because(format!("{} 写不了（已有的不覆盖）：{e}", self.out.display())))?;
        let written = async {
            file.write_all(&bytes).and_then(|()| file.sync_all())?;
            office
                .act(move |_| Ok(HandOver { student: child, issuer, sha256, peer: None, file: None, pdf: None }))
                .await?;
            Ok::<_, Failed>(())
        };
        if let Err(failed) = written.await {
            // A package that is not journalled does not leave.
            drop(std::fs::remove_file(&self.out));
            return Err(failed);
        }
        println!("{terms} 个学期的档案写在 {}。", self.out.display());
        println!("口令（抄在转接单上，和文件分开给）：{secret}");
        Ok(ExitCode::SUCCESS)
    }
}

impl HandoverIn {
    fn passphrase(&self) -> Result<Option<String>, Failed> {
        match &self.passphrase_file {
            Some(path) => std::fs::read_to_string(path)
                .map(Some)
                .map_err(|e| Failed::because(format!("{} 读不了：{e}", path.display()))),
            None => Ok(std::env::var("QINGHE_PASSPHRASE").ok()),
        }
    }

    /// Exit code 1: the package is not genuine, or nobody here is its pupil. Nothing is
    /// taken in then.
    pub async fn perform(self, settings: Settings) -> Done {
        let bytes =
            std::fs::read(&self.file).map_err(|e| Failed::because(format!("{} 打不开：{e}", self.file.display())))?;
        let door = open_founded(&settings, Migrating::Embedded)?;
        let house = door.house();
        let office = Operator::at(&door).school_office(&code_like(&self.school)).await?;
        let refuse = |e: crate::portfolio::handover::BadPackage| Failed::because(format!("没有收：{e}。")).with_code(1);
        let delivered = receive(&bytes, &house.believed).map_err(refuse)?;
        let secret = match self.passphrase()? {
            Some(secret) => secret,
            None => delivered.own_passphrase(&house.keys).ok_or_else(|| {
                Failed::because("这包是别的县发的，请把转接单上的口令写进文件，用 --passphrase-file 文件。")
            })?,
        };
        let (package, inside) = delivered.open(&secret, &house.believed).map_err(refuse)?;
        let envelope = &delivered.envelope;
        println!("{}（{}）发来的：", envelope.school, envelope.iss);
        for file in &inside.terms {
            println!("  {}　{}　第 {} 版", file.student.name, file.term.name, file.version);
        }
        if let Some(file) = &inside.graduation {
            println!("  {}　毕业成长档案　第 {} 版", file.student.name, file.version);
        }
        if self.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let (whole, chosen, store) = (office.whole_school(), self.student, house.files.clone());
        let (taken, _) = office
            .act(move |tx| {
                TakeOver::prepare(tx, whole, (&delivered.envelope).into(), (package, &inside), chosen, &store)
            })
            .await
            .map_err(|refused| Failed::from(refused).with_code(1))?;
        println!("收下 {taken} 个学期，接在本校的档案前面。");
        Ok(ExitCode::SUCCESS)
    }
}
