//! Files in an object store that speaks S3: `s3://bucket/prefix`, each at
//! `prefix/ab/cdef…`. Who may do so and where it stands say the usual `AWS_…`
//! variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
//! `AWS_REGION`, `AWS_ENDPOINT_URL`.

use super::{NoPlace, is_name, shelf_and_rest};
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ClientOptions, Error, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use std::future::Future;
use std::io;
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Longest for one request, and for one call with all its further attempts.
const REQUEST: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(60);

/// The network's own thread: those who call wait on theirs. Never dropped, as no
/// runtime may be where another runs.
static NETWORK: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    // Whoever was first has it installed, and one is enough.
    drop(rustls::crypto::ring::default_provider().install_default());
    Builder::new_multi_thread().worker_threads(1).thread_name("object-store").enable_all().build()
});

#[derive(Clone)]
pub struct Bucket {
    name: String,
    prefix: Path,
    store: Arc<AmazonS3>,
}

fn waited<T: Send + 'static>(
    asked: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> io::Result<Result<T, Error>> {
    let runtime = NETWORK.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))?;
    let (tell, told) = mpsc::sync_channel(1);
    runtime.spawn(async move { tell.send(asked.await) });
    told.recv().map_err(|_| io::Error::other("the object store's answer was lost"))
}

fn as_io(error: Error) -> io::Error {
    match error {
        Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, error),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::Error::new(io::ErrorKind::PermissionDenied, error)
        }
        other => io::Error::other(other),
    }
}

impl Bucket {
    /// # Errors
    /// A sentence, when the bucket has no name or a variable is missing or wrong.
    pub fn at(address: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, NoPlace> {
        let (name, prefix) = address.split_once('/').unwrap_or((address, ""));
        if name.is_empty() {
            return Err(NoPlace("QINGHE_FILES 应写成 s3://桶名/前缀，桶名还空着。".to_owned()));
        }
        let prefix = Path::parse(prefix.trim_matches('/'))
            .map_err(|e| NoPlace(format!("QINGHE_FILES 里桶名后面的前缀“{prefix}”不能用：{e}")))?;
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let needed = |name: &str| {
            set(name).ok_or_else(|| NoPlace(format!("QINGHE_FILES 是 s3://，还要设环境变量 {name}，现在没有。")))
        };
        let endpoint = set("AWS_ENDPOINT_URL_S3").or_else(|| set("AWS_ENDPOINT_URL"));
        // Plain http only where the address says so itself.
        let plain = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let options = ClientOptions::new()
            .with_timeout(REQUEST)
            .with_connect_timeout(Duration::from_secs(5))
            .with_allow_http(plain);
        let retry = RetryConfig { max_retries: 4, retry_timeout: CALL, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_access_key_id(needed("AWS_ACCESS_KEY_ID")?)
            .with_secret_access_key(needed("AWS_SECRET_ACCESS_KEY")?)
            .with_region(set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).unwrap_or("us-east-1".to_owned()))
            .with_virtual_hosted_style_request(false)
            .with_client_options(options)
            .with_retry(retry);
        if let Some(token) = set("AWS_SESSION_TOKEN") {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        let runtime = NETWORK.as_ref().map_err(|e| NoPlace(format!("对象存储连不上：{e}")))?;
        let _inside = runtime.enter();
        let store = builder.build().map_err(|e| NoPlace(format!("对象存储（QINGHE_FILES、AWS_…）设得不对：{e}")))?;
        Ok(Bucket { name: name.to_owned(), prefix, store: Arc::new(store) })
    }

    fn place(&self, sha256: &str) -> Path {
        let (shelf, rest) = shelf_and_rest(sha256);
        self.prefix.clone().join(shelf).join(rest)
    }

    fn prefix(&self) -> Option<Path> {
        Some(self.prefix.clone()).filter(|prefix| !prefix.as_ref().is_empty())
    }

    pub fn is_empty(&self) -> io::Result<bool> {
        let (store, prefix) = (self.store.clone(), self.prefix());
        let first = waited(async move { store.list(prefix.as_ref()).try_next().await })?;
        Ok(first.map_err(as_io)?.is_none())
    }

    pub fn list(&self) -> io::Result<Vec<String>> {
        let (store, prefix) = (self.store.clone(), self.prefix());
        let all = waited(async move {
            store.list(prefix.as_ref()).map_ok(|found| found.location).try_collect::<Vec<Path>>().await
        })?;
        let mut names: Vec<String> = all
            .map_err(as_io)?
            .into_iter()
            .filter_map(|found| {
                let parts: Vec<String> =
                    found.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
                Some(parts.concat()).filter(|name| parts.len() == 2 && is_name(name))
            })
            .collect();
        names.sort();
        Ok(names)
    }

    /// An object is there whole or not at all, so one that is there is not sent again.
    pub fn put(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        let (store, place, payload) = (self.store.clone(), self.place(sha256), PutPayload::from(bytes.to_vec()));
        let put = waited(async move {
            match store.head(&place).await {
                Ok(_) => Ok(()),
                Err(Error::NotFound { .. }) => store.put(&place, payload).await.map(|_| ()),
                Err(error) => Err(error),
            }
        })?;
        put.map_err(as_io)
    }

    pub fn get(&self, sha256: &str) -> io::Result<Vec<u8>> {
        let (store, place) = (self.store.clone(), self.place(sha256));
        let bytes = waited(async move { store.get(&place).await?.bytes().await })?;
        Ok(bytes.map_err(as_io)?.to_vec())
    }

    pub fn delete(&self, sha256: &str) -> io::Result<()> {
        let (store, place) = (self.store.clone(), self.place(sha256));
        match waited(async move { store.delete(&place).await })? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(as_io(error)),
        }
    }
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.name, self.prefix)
    }
}
