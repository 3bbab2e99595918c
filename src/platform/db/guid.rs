//! Ids in the database: UUID v7, 16 bytes in both engines (`uuid` in
//! PostgreSQL, BLOB in SQLite; as text they would double narrow tables).

use super::MultiBackend;
use diesel::sql_types::{HasSqlType, SqlType};

/// The SQL type `UUID` of the shared migrations.
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Guid;

impl HasSqlType<Guid> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        MultiBackend::lookup_sql_type::<Guid>(lookup)
    }
}

/// Declares id types: `id!(AccountId, ClassId)`. Each is a UUID v7 made by
/// `new()`; in addresses and JSON it is 32 hexadecimal digits.
#[macro_export]
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = $crate::platform::db::Guid)]
        pub struct $name(uuid::Uuid);

        #[allow(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
        impl $name {
            pub fn new() -> Self {
                $name(uuid::Uuid::now_v7())
            }

            /// As RFC 9562 names it: `urn:uuid:…`
            pub fn urn(self) -> String {
                self.0.urn().to_string()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.simple().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                uuid::Uuid::try_parse(text).map($name)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let mut digits = uuid::Uuid::encode_buffer();
                to.serialize_str(self.0.simple().encode_lower(&mut digits))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl diesel::serialize::ToSql<$crate::platform::db::Guid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$crate::platform::db::Guid, diesel::pg::Pg> for $name {
            fn from_sql(raw: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok($name(uuid::Uuid::from_slice(raw.as_bytes())?))
            }
        }

        impl diesel::serialize::ToSql<$crate::platform::db::Guid, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Binary, diesel::sqlite::Sqlite>::to_sql(self.0.as_bytes().as_slice(), out)
            }
        }

        impl diesel::deserialize::FromSql<$crate::platform::db::Guid, diesel::sqlite::Sqlite> for $name {
            fn from_sql(mut raw: diesel::sqlite::SqliteValue<'_, '_, '_>) -> diesel::deserialize::Result<Self> {
                Ok($name(uuid::Uuid::from_slice(raw.read_blob())?))
            }
        }

        impl diesel::serialize::ToSql<$crate::platform::db::Guid, $crate::platform::db::MultiBackend> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, $crate::platform::db::MultiBackend>) -> diesel::serialize::Result {
                out.set_value(($crate::platform::db::Guid, self));
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$crate::platform::db::Guid, $crate::platform::db::MultiBackend> for $name {
            fn from_sql(raw: $crate::platform::db::MultiRawValue<'_>) -> diesel::deserialize::Result<Self> {
                raw.from_sql::<$name, $crate::platform::db::Guid>()
            }
        }
    )+};
}
