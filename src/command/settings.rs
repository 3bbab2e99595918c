//! The settings of this program.

use crate::platform::settings::Setting;

pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "QINGHE_DATABASE",
        default: "sqlite:data/qinghe.sqlite",
        meaning: "数据库：sqlite:路径，或 postgres://用户:密码@主机/库名",
    },
    Setting {
        name: "QINGHE_FILES",
        default: "data/files",
        meaning: "打印好的档案和照片放在哪里：一个目录，或 s3://桶名/前缀（另设 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY、AWS_REGION、AWS_ENDPOINT_URL）",
    },
    Setting {
        name: "QINGHE_KEYS", default: "data/keys", meaning: "钥匙目录，第一次启动时造，只有本用户可读"
    },
    Setting { name: "QINGHE_LISTEN", default: "127.0.0.1:8080", meaning: "监听的地址和端口" },
    Setting {
        name: "QINGHE_PUBLIC_URL",
        default: "http://127.0.0.1:8080",
        meaning: "别人从哪里访问，二维码和链接里用它",
    },
    Setting { name: "QINGHE_COUNTY", default: "抚顺县", meaning: "县名，建县时用" },
    Setting {
        name: "QINGHE_COUNTY_CODE",
        default: "210421",
        meaning: "县的六位行政区划代码（GB/T 2260），建县时用，凭证上的签发者就是它",
    },
    Setting { name: "QINGHE_TLS_CERT", default: "", meaning: "https 证书链（PEM）" },
    Setting { name: "QINGHE_TLS_KEY", default: "", meaning: "https 私钥（PEM）" },
    Setting { name: "QINGHE_TRUSTED_PROXY", default: "", meaning: "信任的反向代理的 IP 地址" },
    Setting {
        name: "QINGHE_INSECURE_HTTP", default: "", meaning: "设为 1：明知不加密也对外开放，页面上有红条"
    },
    Setting {
        name: "QINGHE_PASSWORDS",
        default: "plain",
        meaning: "密码规矩：plain（8 位以上，不许太常见）；graded（等保：三种字符，90 天一换，教务、校长、县级要动态码）",
    },
    Setting {
        name: "QINGHE_WEBHOOK_HOSTS",
        default: "",
        meaning: "学校可以把“收件箱来了什么”转发到哪些主机（自己的消息工具），逗号隔开；不设：不转发",
    },
    Setting {
        name: "QINGHE_KEEP_EVIDENCE",
        default: "12 months",
        meaning: "没有入选的照片在毕业以后留多久，例如 12 months 或 3 years",
    },
    Setting {
        name: "QINGHE_KEEP_DETAIL",
        default: "3 years",
        meaning: "日志里每一条写的内容留多久，最短 6 months；做了什么永远在",
    },
    Setting { name: "QINGHE_KEEP_SESSIONS", default: "6 months", meaning: "登录记录留多久，最短 6 months" },
    Setting { name: "QINGHE_FONTS", default: "", meaning: "另加字体的目录；系统字体目录总是会找" },
    Setting {
        name: "QINGHE_TEMPLATES", default: "", meaning: "本县自己的打印模板目录；同名的代替内置的"
    },
];

/// The settings as `qinghe serve --help` lists them.
pub fn help() -> String {
    let mut text = String::from("设置（环境变量，或写进当前目录的 qinghe.toml）：\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() { "无" } else { setting.default };
        text.push_str(&format!("  {:<22} {}（默认 {default}）\n", setting.name, setting.meaning));
    }
    text
}
