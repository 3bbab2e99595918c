//! A school's own messenger is told that something came to an inbox: which account, what
//! it is about in a few words, where to read it. No pupil's name and nothing of the record
//! leaves (个人信息保护法 6). Off until the county's administrator allows a host and the
//! school's office gives its address.

mod send;
mod store;

pub use send::{Sender, Sent, work_at_letters};
pub use store::{SetWebhook, Tried, Webhook, latest_tries, messengers, webhook};

/// The minutes after each attempt for a letter before the next; after the last there is
/// one more.
const PAUSES: [i64; 5] = [1, 5, 30, 120, 720];

/// A letter so old is not news any more.
const NEWS: chrono::Duration = chrono::Duration::days(2);

#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("主机名 {0} 写法不对。应像 im.example.cn 或 im.example.cn:8443，几个用逗号隔开，不带 https://。")]
    Unreadable(String),
}

/// The hosts that a county's administrator allows, as they are set: `im.example.cn`,
/// `127.0.0.1:9000`; separated by commas.
pub fn hosts(text: &str) -> Result<Vec<String>, HostError> {
    text.split([',', '，'])
        .map(str::trim)
        .filter(|host| !host.is_empty())
        .map(|host| {
            let read = reqwest::Url::parse(&format!("https://{host}/"));
            let bare = read.is_ok_and(|url| host_of(&url).eq_ignore_ascii_case(host));
            if bare { Ok(host.to_ascii_lowercase()) } else { Err(HostError::Unreadable(host.to_owned())) }
        })
        .collect()
}

/// Host and, where it is not the scheme's own, port.
fn host_of(url: &reqwest::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
