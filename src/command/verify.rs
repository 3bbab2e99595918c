//! `qinghe verify`

use super::{Done, Failed};
use crate::platform::clock::from_unix_seconds;
use crate::platform::keys::Keys;
use crate::platform::settings::Settings;
use crate::platform::signing::PinnedKeys;
use crate::platform::trust::trusted_in;
use crate::portfolio::verify::{Genuine, NotGenuine, Told, Verdict, Withdrawn, verify_file};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub struct Verify {
    /// 成长档案（.pdf）、凭证（.jwt）或档案包（.zip）
    file: PathBuf,
    /// 只信这个公钥文件里的钥匙（县里公布的 /.well-known/jwks.json）；不写就信钥匙目录里的
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// 县里签名的撤回名单（/verify/withdrawn.jwt）
    #[arg(long, value_name = "FILE")]
    withdrawn: Option<PathBuf>,
}

fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    fs::read(path).map_err(|e| Failed::because(format!("{} 读不了：{e}", path.display())))
}

impl Verify {
    /// Needs no database and makes nothing. Exit code 0 genuine, 1 not genuine, 2 not
    /// readable.
    pub fn perform(self, settings: &Settings) -> Done {
        let believed = self.believed(settings)?;
        let bytes = read(&self.file)?;
        let withdrawn = self.withdrawn_list(&believed)?;
        match verify_file(&bytes, &believed) {
            Verdict::Genuine(all) => {
                let taken_back =
                    all.iter().find(|one| withdrawn.as_ref().is_some_and(|list| list.takes_back(&one.told)));
                if let Some(one) = taken_back {
                    let why = format!("签名是真的，但 {} 的这份档案（{}）已经由县里撤回", one.told.name, one.told.code);
                    return Err(Failed::because(format!("不能用：{why}。")).with_code(1));
                }
                for one in &all {
                    show(one);
                }
                if withdrawn.is_none() {
                    println!("有没有撤回，要看县里的撤回名单（--withdrawn），或在 /verify 输入编号。");
                }
                Ok(ExitCode::SUCCESS)
            }
            Verdict::Package(envelope, kid) => {
                let at = from_unix_seconds(envelope.iat).map(|at| at.format("%Y-%m-%d %H:%M").to_string());
                let terms: Vec<String> = envelope.terms.iter().map(|term| term.name()).collect();
                println!("真的。{}（{}）发出的转接包，没有被改过。", envelope.school, envelope.iss);
                println!("  学生  {}", envelope.masked_name);
                println!("  学期  {}", terms.join("　"));
                println!("  发出  {}", at.unwrap_or_default());
                println!("  钥匙  {kid}");
                println!("  里面的内容要有转接单上的口令才打得开：qinghe import handover。");
                Ok(ExitCode::SUCCESS)
            }
            Verdict::NotGenuine(not) => Err(complaint(&not)),
            Verdict::NotReadable(why) => Err(Failed::because(format!("{}：{why}。", self.file.display()))),
        }
    }

    fn believed(&self, settings: &Settings) -> Result<PinnedKeys, Failed> {
        if let Some(path) = &self.jwks {
            return PinnedKeys::from_jwks(&read(path)?)
                .map_err(|e| Failed::because(format!("{} {e}。", path.display())));
        }
        let folder = Path::new(settings.get("QINGHE_KEYS").unwrap_or_default());
        let failed = |e: crate::platform::keys::KeyError| Failed::because(e.to_string());
        let mut believed = Keys::load(folder).map_err(failed)?.pinned();
        believed.add(trusted_in(folder).map_err(failed)?);
        if believed.is_empty() {
            return Err(Failed::because(format!(
                "钥匙目录 {} 里没有可信的钥匙。请向县教育局要公钥文件，用 --jwks 文件，或先 qinghe keys trust 文件。",
                folder.display()
            )));
        }
        Ok(believed)
    }

    fn withdrawn_list(&self, believed: &PinnedKeys) -> Result<Option<Withdrawn>, Failed> {
        let Some(path) = &self.withdrawn else { return Ok(None) };
        let text = String::from_utf8(read(path)?).unwrap_or_default();
        match Withdrawn::open(&text, believed) {
            Ok(list) => Ok(Some(list)),
            Err(bad) => Err(Failed::because(format!("撤回名单 {} 不能信：{bad}。", path.display()))),
        }
    }
}

fn show(genuine: &Genuine) {
    let told = &genuine.told;
    println!("真的。{}签发，编号 {}，第 {} 版。", told.issuer_name, told.code, told.version);
    println!("  签发  {}（{}）", told.issuer_name, told.issuer);
    println!("  学校  {}（{}）", told.school, told.school_code);
    println!("  学生  {}", told.name);
    println!("  归档  {}", told.sealed_at.format("%Y-%m-%d %H:%M"));
    println!("  毕业等级（请与纸面逐项核对）  {}", bands(told));
    println!("  钥匙  {}　指纹 {}", genuine.kid, genuine.fingerprint);
    if !genuine.pages_signed {
        println!("  这是凭证，只核对了数据；页面请核对 PDF。");
    }
}

fn bands(told: &Told) -> String {
    let each = told.domains.iter().map(|domain| format!("{} {}", domain.character, domain.graduation()));
    each.collect::<Vec<_>>().join("　")
}

fn complaint(not: &NotGenuine) -> Failed {
    let mut text = format!("不是真的：{}。", not.why);
    for change in &not.changes {
        text.push_str(&format!("\n  {change}。"));
    }
    if let Some(told) = &not.signed {
        text.push_str(&format!(
            "\n  县里签过的是：{} {}，编号 {}，第 {} 版，毕业等级 {}",
            told.school,
            told.name,
            told.code,
            told.version,
            bands(told)
        ));
    }
    Failed::because(text).with_code(1)
}
