//! A school's own tables. Their `table` is hidden: a query starts at
//! `look.own(enrolment::rows)`, which the grant has already filtered by its
//! school; a row is put in by `tx.put(enrolment::rows, ..)`, which adds the
//! school itself. Forgetting the school does not compile.

mod tables;

pub use tables::*;

use super::InSchool;

/// A table whose rows belong to one school. Implemented by [`school_table!`] only.
pub trait Owned: Copy {
    type Table: diesel::Table;
    /// The table, filtered by its school.
    type Start;
    /// `school_id = …`, as an insert wants it.
    type School;

    fn table(self) -> Self::Table;
    fn start(self, school: &InSchool) -> Self::Start;
    fn school(self, school: &InSchool) -> Self::School;
}

/// Declares a table of a school's own: `school_id` is part of every one and of
/// its key, and need not be named. Columns are at `name::column`; a query starts
/// at `name::rows`; `name::joined()` is for the right side of a join, on its
/// `school_id` and another column.
#[macro_export]
macro_rules! school_table {
    ($vis:vis $name:ident ($($key:ident),+) { $($body:tt)* }) => {
        $vis mod $name {
            #[doc(hidden)]
            pub mod hidden {
                diesel::table! {
                    use diesel::sql_types::*;
                    use $crate::platform::db::Guid;
                    $name (school_id, $($key),+) {
                        school_id -> Integer,
                        $($body)*
                    }
                }
            }

            #[allow(unused_imports, reason = "a table's glob of columns is used in part")]
            pub use hidden::$name::columns::*;

            #[allow(non_camel_case_types, reason = "named like diesel's own `table`")]
            #[derive(Clone, Copy)]
            pub struct rows;

            #[allow(dead_code, reason = "not every table is joined")]
            pub fn joined() -> hidden::$name::table {
                hidden::$name::table
            }

            impl $crate::access::own::Owned for rows {
                type Table = hidden::$name::table;
                type Start = diesel::dsl::Filter<
                    hidden::$name::table,
                    diesel::dsl::Eq<hidden::$name::school_id, $crate::names::SchoolId>,
                >;
                type School = diesel::dsl::Eq<hidden::$name::school_id, $crate::names::SchoolId>;

                fn table(self) -> Self::Table {
                    hidden::$name::table
                }

                fn start(self, school: &$crate::access::InSchool) -> Self::Start {
                    diesel::QueryDsl::filter(hidden::$name::table, self.school(school))
                }

                fn school(self, school: &$crate::access::InSchool) -> Self::School {
                    diesel::ExpressionMethods::eq(hidden::$name::school_id, school.id())
                }
            }
        }
    };
}

/// Lets a feature's private table stand in one query with some of the tables here.
#[macro_export]
macro_rules! queried_with {
    ($private:ident: $($own:ident),+; $($county:ident),*) => {
        const _: () = {
            use $private::hidden::$private;
            $({
                use $crate::access::own::$own::hidden::$own;
                diesel::allow_tables_to_appear_in_same_query!($private, $own);
            })+
            $({
                use $crate::schema::$county;
                diesel::allow_tables_to_appear_in_same_query!($private, $county);
            })*
        };
    };
}
