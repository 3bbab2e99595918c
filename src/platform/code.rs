//! Enums that are stored, sent and compared as a short text code, and nothing else.

/// Gives an enum its codes: `ALL`, `code()`, `FromStr`, serde and the SQL type `Text`.
/// A text that is no code is refused everywhere; the database's CHECK says the same.
#[macro_export]
macro_rules! text_code {
    ($name:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $name {
            #[allow(dead_code, reason = "not every code is listed somewhere")]
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::platform::code::NoSuchCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok($name::$variant),)+
                    _ => Err($crate::platform::code::NoSuchCode(text.to_owned())),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                let code: &'static str = self.code();
                diesel::serialize::ToSql::<diesel::sql_types::Text, DB>::to_sql(code, out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(raw)?;
                Ok(text.parse()?)
            }
        }
    };
}

/// The text that should have been a code, and is none.
#[derive(Debug, thiserror::Error)]
#[error("no such code: {0}")]
pub struct NoSuchCode(pub String);

/// Stores a type as an SQL `INTEGER`: a one-field struct as its field, any other
/// by a pair of functions to and from `i32`.
#[macro_export]
macro_rules! integer_column {
    ($name:ident) => {
        impl $name {
            fn as_integer_column(self) -> i32 {
                self.0
            }

            fn from_integer_column(integer: i32) -> Result<Self, std::convert::Infallible> {
                Ok($name(integer))
            }
        }
        $crate::integer_column!($name, as_integer_column, from_integer_column);
    };
    ($name:ident, $to:ident, $from:ident) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Integer, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Integer, diesel::pg::Pg>::to_sql(
                    &self.$to(),
                    &mut out.reborrow(),
                )
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Integer, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.$to());
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Integer, $crate::platform::db::MultiBackend> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::platform::db::MultiBackend>,
            ) -> diesel::serialize::Result {
                out.set_value((diesel::sql_types::Integer, self));
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Integer, DB> for $name
        where
            i32: diesel::deserialize::FromSql<diesel::sql_types::Integer, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let integer = <i32 as diesel::deserialize::FromSql<diesel::sql_types::Integer, DB>>::from_sql(raw)?;
                Ok($name::$from(integer)?)
            }
        }
    };
}
