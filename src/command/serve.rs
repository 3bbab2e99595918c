//! `qinghe serve`

use super::demo::morning;
use super::house::{Migrating, lived_until, open_founded};
use super::{Done, Failed, messenger, photos, upkeep, worker};
use crate::access::Door;
use crate::platform::page;
use crate::platform::settings::Settings;
use crate::site;
use actix_web::HttpServer;
use chrono::{Duration, NaiveDate, NaiveDateTime};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::process::ExitCode;

pub async fn serve(settings: Settings, migrate: bool, today: Option<NaiveDate>) -> Done {
    let door = open_founded(&settings, if migrate { Migrating::Any } else { Migrating::Embedded })?;
    if let Some(day) = today {
        move_to(&door, lived_until(&settings)?, day)?;
    }
    run(&settings, door).await
}

/// Turns a demonstration county's clock on to a later day: what waits for a date is
/// then seen to come. Never back, where its own journal has been already.
fn move_to(door: &Door, last: Option<NaiveDateTime>, day: NaiveDate) -> Result<(), Failed> {
    if !door.house().demo {
        return Err(Failed::because("--today 只用于演示县；这里是真的学校，今天就是今天。"));
    }
    if let Some(past) = last.map(|last| last.date()).filter(|past| *past > day) {
        return Err(Failed::because(format!(
            "这个演示县已经走到 {past}，钟只能往前走。要从头看，用 qinghe demo --today {day}。"
        )));
    }
    // Later than whatever was written that day.
    let moment = last.map_or(morning(day), |last| morning(day).max(last + Duration::minutes(1)));
    door.house().clock.set(moment);
    Ok(())
}

/// Serves until it is told to stop.
pub async fn run(settings: &Settings, door: Door) -> Done {
    let listen = settings.get("QINGHE_LISTEN").unwrap_or_default();
    let address: SocketAddr = listen.parse().map_err(|_| {
        Failed::because(format!("QINGHE_LISTEN 应写成 地址:端口，例如 127.0.0.1:8080，现在是“{listen}”。"))
    })?;
    let tls = tls(settings)?;
    let covered = tls.is_some() || door.house().trusted_proxy.is_some() || door.house().insecure;
    if !address.ip().is_loopback() && !covered {
        return Err(Failed::because(format!(
            "{address} 不只是本机，不能用明文 http。请设 QINGHE_TLS_CERT 和 QINGHE_TLS_KEY，\
             或放在反向代理后面并设 QINGHE_TRUSTED_PROXY；明知不加密也要开，设 QINGHE_INSECURE_HTTP=1。"
        )));
    }
    page::load_templates();
    upkeep::start(door.clone());
    worker::start(door.clone());
    photos::start(door.clone());
    messenger::start(door.clone());
    let taken = |error: std::io::Error| {
        Failed::because(format!("{address} 用不了：{error}。换一个 QINGHE_LISTEN，或先停掉占用它的程序。"))
    };
    let public_url = door.house().public_url.clone();
    let server = HttpServer::new(move || site::app(door.clone())).shutdown_timeout(20);
    let server = match tls {
        Some(tls) => server.bind_rustls_0_23(address, tls),
        None => server.bind(address),
    }
    .map_err(taken)?;
    eprintln!("青禾在 {public_url} 等您。按 Ctrl+C 停止。");
    server.run().await?;
    Ok(ExitCode::SUCCESS)
}

fn tls(settings: &Settings) -> Result<Option<rustls::ServerConfig>, Failed> {
    let (cert, key) = match (settings.get("QINGHE_TLS_CERT"), settings.get("QINGHE_TLS_KEY")) {
        (Some(cert), Some(key)) => (cert, key),
        (None, None) => return Ok(None),
        _ => return Err(Failed::because("QINGHE_TLS_CERT 和 QINGHE_TLS_KEY 要一起设。")),
    };
    let broken = |what: &str, path: &str, e: &dyn std::fmt::Display| {
        Failed::because(format!("{what} {path} 读不了：{e}。应是 PEM 格式。"))
    };
    let chain: Vec<CertificateDer> =
        CertificateDer::pem_file_iter(cert).and_then(|certs| certs.collect()).map_err(|e| broken("证书", cert, &e))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| broken("私钥", key, &e))?;
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|e| broken("证书", cert, &e))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|e| broken("证书", cert, &e))?;
    Ok(Some(config))
}
