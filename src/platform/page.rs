//! Pages: templates embedded in the program, rendered with one view struct.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use rust_embed::RustEmbed;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;
use tera::{Context, Tera};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::new();
    tera.register_function("asset", |args: tera::Kwargs, _: &tera::State| -> tera::TeraResult<String> {
        let name: &str = args.must_get("name")?;
        asset_address(name).ok_or_else(|| tera::Error::message(format!("no asset {name}")))
    });
    let sources = Templates::iter().filter(|name| name.ends_with(".html")).map(|name| {
        let file = Templates::get(&name).expect("an embedded template is there");
        (name.into_owned(), String::from_utf8_lossy(&file.data).into_owned())
    });
    tera.add_raw_templates(sources).expect("the embedded templates parse");
    tera
});

/// What can be compressed once, as small as it gets: over a village's network each
/// kilobyte is felt (UX.md, page weights).
static PACKED: LazyLock<HashMap<String, Vec<u8>>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|name| {
            let file = Assets::get(&name)?;
            Some((name.into_owned(), gzip(&file.data, flate2::Compression::best())?))
        })
        .collect()
});

const PAGE_LEVEL: flate2::Compression = flate2::Compression::new(3);

fn gzip(bytes: &[u8], level: flate2::Compression) -> Option<Vec<u8>> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    packer.write_all(bytes).ok()?;
    packer.finish().ok()
}

fn takes_gzip(req: &HttpRequest) -> bool {
    let accepted = req.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| coding.trim() == "gzip")
}

static ASSET_VERSIONS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|name| {
            let file = Assets::get(&name)?;
            Some((name.into_owned(), hex::encode(&Sha256::digest(&file.data)[..6])))
        })
        .collect()
});

/// Where an embedded asset is served: its name and a version made from its bytes.
pub fn asset_address(name: &str) -> Option<String> {
    ASSET_VERSIONS.get(name).map(|version| format!("/assets/{name}?v={version}"))
}

/// The bytes and media type of an embedded asset.
pub fn asset(name: &str) -> Option<(Cow<'static, [u8]>, &'static str)> {
    let media_type = match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    };
    Some((Assets::get(name)?.data, media_type))
}

/// An embedded asset as an answer, packed where the browser takes it so.
pub fn asset_answer(req: &HttpRequest, name: &str) -> Option<HttpResponse> {
    let (bytes, media_type) = asset(name)?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "accept-encoding"));
    match PACKED.get(name).filter(|_| takes_gzip(req)) {
        Some(packed) => Some(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed.as_slice())),
        None => Some(answer.body(bytes.into_owned())),
    }
}

/// Parses every template now rather than at the first request.
pub fn load_templates() {
    LazyLock::force(&TEMPLATES);
    LazyLock::force(&ASSET_VERSIONS);
    LazyLock::force(&PACKED);
}

/// A page to be rendered: a template and the one struct it shows.
pub struct Page {
    template: &'static str,
    context: tera::TeraResult<Context>,
    status: StatusCode,
}

impl Page {
    pub fn of(template: &'static str, view: &impl Serialize) -> Self {
        Page { template, context: Context::from_serialize(view), status: StatusCode::OK }
    }

    /// Adds what the layout around the page shows.
    pub fn within(mut self, name: &'static str, shell: &impl Serialize) -> Self {
        if let Ok(context) = &mut self.context {
            context.insert(name, shell);
        }
        self
    }

    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The page as text; an error names the template and the line.
    pub fn render(self) -> tera::TeraResult<String> {
        TEMPLATES.render(self.template, &self.context?)
    }
}

impl Responder for Page {
    type Body = actix_web::body::BoxBody;

    /// Packed here, in one go and two levels above the middleware's fastest: a class
    /// grid is a fifth smaller for a few tenths of a millisecond.
    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let status = self.status;
        match self.render() {
            Ok(html) => {
                let mut answer = HttpResponse::build(status);
                answer.content_type("text/html; charset=utf-8").insert_header((header::VARY, "accept-encoding"));
                match Some(&html).filter(|_| takes_gzip(req)).and_then(|html| gzip(html.as_bytes(), PAGE_LEVEL)) {
                    Some(packed) => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed),
                    None => answer.body(html),
                }
            }
            Err(error) => {
                tracing::error!(error = %error_chain(&error), "a template does not render");
                HttpResponse::InternalServerError().finish()
            }
        }
    }
}

/// An error with everything that caused it, on one line.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text.replace('\n', " ")
}

/// The answer to a form that was taken: go and look (303).
pub struct SeeOther(pub String);

impl Responder for SeeOther {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, self.0)).finish()
    }
}

/// A file to save or to open: its name for people, its bytes.
pub struct Download {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    /// Shown by the browser itself (a PDF in WeChat) rather than saved.
    pub inline: bool,
}

/// Files in one zip, in the order given; what is compressed already is only stored.
pub fn zip_of(entries: Vec<(String, Vec<u8>)>) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in entries {
        zip.start_file(name, stored)?;
        zip.write_all(&bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

impl Responder for Download {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        use header::{Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
        let disposition = if self.inline { DispositionType::Inline } else { DispositionType::Attachment };
        let name =
            ExtendedValue { charset: Charset::Ext("UTF-8".into()), language_tag: None, value: self.name.into_bytes() };
        HttpResponse::Ok()
            .content_type(self.media_type)
            .insert_header(ContentDisposition { disposition, parameters: vec![DispositionParam::FilenameExt(name)] })
            .body(self.bytes)
    }
}
