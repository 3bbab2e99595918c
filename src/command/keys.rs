//! `qinghe keys list · rotate · trust`

use super::house::{Migrating, open_as_it_is, open_founded};
use super::{Done, Failed};
use crate::access::{Act, CountyWide, Operator, Refused, Tx};
use crate::account::ResealAccounts;
use crate::platform::db::carry::CarryError;
use crate::platform::db::{Conn, Reach};
use crate::platform::keys::{KeyError, Keys, Purpose};
use crate::platform::settings::Settings;
use crate::platform::signing::{Pinned, PinnedKeys};
use crate::platform::trust::{trust, trusted_in};
use crate::roster::{ResealPupils, ResealSchool, schools};
use crate::schema::key_name;
use chrono::NaiveDateTime;
use clap::Subcommand;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum KeysVerb {
    /// 列出数据库要用的钥匙，看钥匙目录里有没有；缺了退出 1。也列出信任的别县钥匙
    List,
    /// 换新的签名钥匙、加密钥匙和查找钥匙，库里的号码全部重新加密；请先停下 qinghe serve
    Rotate,
    /// 信任另一个县的公钥文件（JWKS）：先看指纹，再打电话和对方核对
    Trust {
        /// 对方县的 /.well-known/jwks.json，存成的文件
        file: PathBuf,
    },
}

/// New keys work from now on.
#[derive(Serialize)]
struct NameKeys {
    kids: Vec<(&'static str, String)>,
}

impl Act<CountyWide> for NameKeys {
    const VERB: &'static str = "keys_rotated";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "kids": self.kids })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let since = tx.now();
        for (purpose, kid) in &self.kids {
            diesel::insert_into(key_name::table)
                .values((key_name::kid.eq(kid), key_name::purpose.eq(purpose), key_name::since.eq(since)))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Nothing is sealed under these keys any more: the database needs them no longer.
#[derive(Serialize)]
struct ForgetKeys {
    kids: Vec<String>,
}

impl Act<CountyWide> for ForgetKeys {
    const VERB: &'static str = "keys_forgotten";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "kids": self.kids })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        diesel::delete(key_name::table.filter(key_name::kid.eq_any(&self.kids))).execute(tx.conn())?;
        Ok(())
    }
}

fn failed(error: KeyError) -> Failed {
    Failed::because(error.to_string())
}

impl KeysVerb {
    pub async fn perform(self, settings: Settings) -> Done {
        match self {
            KeysVerb::List => list(&settings),
            KeysVerb::Rotate => rotate(&settings).await,
            KeysVerb::Trust { file } => trust_file(&settings, &file),
        }
    }
}

fn folder(settings: &Settings) -> &Path {
    Path::new(settings.get("QINGHE_KEYS").unwrap_or_default())
}

fn list(settings: &Settings) -> Done {
    let database = open_as_it_is(settings)?;
    let wanted: Vec<(String, String, NaiveDateTime)> = database.read(Reach::All, |conn: &mut Conn| {
        let by_age = key_name::table.order((key_name::since, key_name::purpose));
        Ok::<_, CarryError>(by_age.select((key_name::kid, key_name::purpose, key_name::since)).load(conn)?)
    })?;
    let folder = folder(settings);
    let keys = Keys::load(folder).map_err(failed)?;
    let names: Vec<String> = wanted.iter().map(|(kid, ..)| kid.clone()).collect();
    let (missing, public) = (keys.missing_of(&names), keys.pinned());
    for (kid, purpose, since) in &wanted {
        let there = if missing.contains(&kid.as_str()) { "缺" } else { "在" };
        let shown = public.iter().find(|key| key.kid == *kid).map(told).unwrap_or_default();
        println!("{there}  {purpose:<8} {kid}  {}{shown}", since.format("%Y-%m-%d %H:%M"));
    }
    for key in trusted_in(folder).map_err(failed)?.iter() {
        println!("信  {}{}", key.kid, told(key));
    }
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failed::because(format!("钥匙目录 {} 里缺少钥匙，请把备份的钥匙放回来。", folder.display())).with_code(1))
}

fn told(key: &Pinned) -> String {
    let past = if key.until.is_some() { "（只核验）" } else { "" };
    format!("  指纹 {}{past}", key.fingerprint())
}

/// The keys lie on disk before the database names them: one that is never named is only
/// one too many, one that is named and lost would stop everything. The old ones open
/// until all is sealed anew; interrupted, the next rotation begins from the start.
async fn rotate(settings: &Settings) -> Done {
    let door = open_founded(settings, Migrating::Embedded)?;
    let (operator, folder) = (Operator::at(&door), folder(settings));
    let mut keys = door.house().keys.clone();
    let old: Vec<String> =
        keys.names().filter(|(purpose, _)| *purpose == Purpose::Seal).map(|(_, kid)| kid.to_owned()).collect();
    let mut kids = Vec::new();
    for purpose in [Purpose::Sign, Purpose::Seal, Purpose::Find] {
        kids.push((purpose.code(), keys.make_another(folder, purpose).map_err(failed)?));
    }
    let sign = kids[0].1.clone();
    operator.county().act(move |_| Ok(NameKeys { kids })).await?;
    let (of_pupils, of_accounts) = (keys.clone(), keys.clone());
    let pupils = operator.county().act(move |_| Ok(ResealPupils { keys: of_pupils })).await?;
    operator.county().act(move |_| Ok(ResealAccounts { keys: of_accounts })).await?;
    for school in operator.county().look(schools).await? {
        let keys = keys.clone();
        operator.school_office(&school.code).await?.act(move |_| Ok(ResealSchool { keys })).await?;
    }
    let forgotten = old.clone();
    operator.county().act(move |_| Ok(ForgetKeys { kids: forgotten })).await?;
    keys.lay_aside(folder, &old).map_err(failed)?;
    let shown = keys.pinned().iter().find(|key| key.kid == sign).map(Pinned::fingerprint).unwrap_or_default();
    println!("{pupils} 名学生和各家长、账号的号码都用新钥匙重新加密了。旧的加密钥匙不再用，文件改名为 .key.old：");
    println!("只有要恢复换钥匙以前的备份才用得着，请另外锁好。试跑过还没收下的名单请再传一次。");
    println!("新的签名钥匙是 {sign}，指纹 {shown}。");
    println!(
        "请重启 qinghe serve，它才会用新钥匙；备份钥匙目录 {}；把新的 /.well-known/jwks.json 发给信任本县的县和学校。",
        folder.display()
    );
    println!("旧的签名钥匙和查找钥匙不要删：以前签的档案、发出去的绑定单还要靠它们。");
    Ok(ExitCode::SUCCESS)
}

fn trust_file(settings: &Settings, file: &Path) -> Done {
    let bytes = std::fs::read(file).map_err(|e| Failed::because(format!("{} 读不了：{e}", file.display())))?;
    let keys = PinnedKeys::from_jwks(&bytes).map_err(|e| Failed::because(format!("{} {e}。", file.display())))?;
    if let Some(nameless) = keys.iter().find(|key| key.issuer().is_none()) {
        return Err(Failed::because(format!(
            "{} 里的钥匙 {} 没有写明是哪个县的（应是 urn:qinghe:六位代码#…）。请对方重新导出。",
            file.display(),
            nameless.kid
        )));
    }
    let folder = folder(settings);
    let own = Keys::load(folder).map_err(failed)?.pinned();
    if keys.iter().any(|key| own.holder_of(key.key()).is_some()) {
        return Err(Failed::because("这是本县自己的公钥，本来就信，不用再收。"));
    }
    trust(folder, &keys).map_err(failed)?;
    println!("从现在起信任：");
    for key in keys.iter() {
        println!("  {}{}", key.kid, told(key));
    }
    println!("请打电话向对方念一遍指纹；对不上，就删掉 {} 里的 trusted-….jwks。", folder.display());
    println!("网站要重启才认得新收的钥匙。");
    Ok(ExitCode::SUCCESS)
}
