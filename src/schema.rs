//! The county-wide tables. A school's own tables are in `access::own` and, for
//! bands, private to `evaluation`: they are reached through a grant only.

use crate::platform::db::Guid;
use diesel::sql_types::*;

diesel::table! {
    county (name) {
        name -> Text,
        code -> Text,
    }
}

diesel::table! {
    school (id) {
        id -> Integer,
        code -> Text,
        name -> Text,
        joined_at -> Timestamp,
    }
}

diesel::table! {
    term (id) {
        id -> Integer,
        starts_on -> Date,
        ends_on -> Date,
    }
}

diesel::table! {
    calendar_day (day) {
        day -> Date,
        kind -> Text,
        name -> Text,
        issued_in -> Text,
    }
}

diesel::table! {
    calendar_year (year) {
        year -> Integer,
        announced -> Bool,
    }
}

diesel::table! {
    key_name (kid) {
        kid -> Text,
        purpose -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    use super::{Guid, Integer, Nullable, Text, Timestamp};
    scheme (cohort, version) {
        cohort -> Integer,
        version -> Integer,
        document -> Text,
        published_at -> Timestamp,
        reason -> Nullable<Text>,
        account_id -> Nullable<Guid>,
    }
}

diesel::table! {
    use super::{Guid, Integer, Text, Timestamp};
    scheme_draft (cohort) {
        cohort -> Integer,
        base_version -> Integer,
        document -> Text,
        account_id -> Guid,
        saved_at -> Timestamp,
    }
}

diesel::table! {
    use super::{Date, Guid, Integer, Nullable, Text, Timestamp};
    stage_window (term, step, revision) {
        term -> Integer,
        step -> Text,
        revision -> Integer,
        opens_on -> Nullable<Date>,
        closes_on -> Nullable<Date>,
        account_id -> Guid,
        at -> Timestamp,
    }
}

diesel::table! {
    use super::{Date, Guid, Integer, Text, Timestamp};
    window_extension (term, step, school_id, revision) {
        term -> Integer,
        step -> Text,
        school_id -> Integer,
        revision -> Integer,
        closes_on -> Date,
        reason -> Text,
        account_id -> Guid,
        at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(scheme, term);
diesel::allow_tables_to_appear_in_same_query!(scheme, account);
diesel::allow_tables_to_appear_in_same_query!(journal, school);
diesel::allow_tables_to_appear_in_same_query!(journal, account);
diesel::allow_tables_to_appear_in_same_query!(county_duty, account);
diesel::allow_tables_to_appear_in_same_query!(county_duty, membership);
diesel::allow_tables_to_appear_in_same_query!(county_duty, second_factor);

diesel::table! {
    use super::{Date, Guid, Nullable, Text};
    county_duty (account_id) {
        account_id -> Guid,
        duty -> Text,
        since -> Date,
        granted_by -> Nullable<Guid>,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    account (id) {
        id -> Guid,
        login -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        password_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Bool, Guid, Nullable, Text, Timestamp};
    session (id) {
        id -> Guid,
        account_id -> Guid,
        device_id -> Guid,
        desk -> Nullable<Text>,
        many_desks -> Bool,
        signed_in_at -> Timestamp,
        seen_at -> Timestamp,
        renewed_at -> Timestamp,
        renewed_from -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Guid, Text, Timestamp};
    device (id) {
        id -> Guid,
        account_id -> Guid,
        token_sha256 -> Text,
        name -> Text,
        first_at -> Timestamp,
        last_at -> Timestamp,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    sign_in_failure (id) {
        id -> Guid,
        login_hash -> Text,
        network -> Text,
        device_id -> Nullable<Guid>,
        at -> Timestamp,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    single_use_link (token_sha256) {
        token_sha256 -> Text,
        account_id -> Guid,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    journal_head (school_id) {
        school_id -> Integer,
        n -> BigInt,
        sha256 -> Text,
    }
}

diesel::table! {
    use super::{BigInt, Guid, Integer, Nullable, Text, Timestamp};
    journal (school_id, n) {
        school_id -> Integer,
        n -> BigInt,
        at -> Timestamp,
        account_id -> Nullable<Guid>,
        role -> Text,
        verb -> Text,
        about -> Text,
        detail_sha256 -> Text,
        sha256 -> Text,
    }
}

diesel::table! {
    journal_detail (school_id, n) {
        school_id -> Integer,
        n -> BigInt,
        salt -> Text,
        detail -> Text,
    }
}

diesel::table! {
    journal_night (night) {
        night -> Date,
        heads -> Text,
    }
}

diesel::table! {
    use super::{Binary, Date, Guid, Integer, Nullable, Text};
    student (id) {
        id -> Guid,
        school_id -> Integer,
        name -> Text,
        pinyin -> Text,
        former_name -> Nullable<Text>,
        sex -> Text,
        born_on -> Date,
        ethnic -> Nullable<Text>,
        political -> Nullable<Text>,
        boarding -> Nullable<Text>,
        left_behind -> Nullable<Text>,
        regular_class -> Nullable<Text>,
        number_sealed -> Binary,
        number_hash -> Text,
        document_kind -> Nullable<Text>,
        document_sealed -> Nullable<Binary>,
        document_hash -> Nullable<Text>,
        released_on -> Nullable<Date>,
    }
}

diesel::table! {
    use super::{Binary, Bool, Guid, Integer, Nullable, Text};
    family_member (student_id, ordinal) {
        student_id -> Guid,
        ordinal -> Integer,
        name -> Text,
        relation -> Nullable<Text>,
        phone_sealed -> Nullable<Binary>,
        is_guardian -> Nullable<Bool>,
    }
}

diesel::table! {
    use super::{Date, Guid, Integer, Nullable, Text};
    membership (id) {
        id -> Guid,
        account_id -> Guid,
        role -> Text,
        school_id -> Nullable<Integer>,
        student_id -> Nullable<Guid>,
        since -> Date,
        until -> Nullable<Date>,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    guardianship (id) {
        id -> Guid,
        account_id -> Guid,
        student_id -> Guid,
        relation -> Text,
        since -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Guid, Integer, Nullable, Text, Timestamp};
    consent (id) {
        id -> Guid,
        account_id -> Guid,
        student_id -> Guid,
        text_version -> Integer,
        channel -> Text,
        given_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Guid, Integer, Nullable, Text, Timestamp};
    slip (code_hash) {
        code_hash -> Text,
        school_id -> Integer,
        student_id -> Guid,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Guid, Integer, Text};
    verify_code (code) {
        code -> Text,
        school_id -> Integer,
        student_id -> Guid,
        version -> Integer,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    withdrawal (code) {
        code -> Text,
        credential -> Text,
        reason -> Text,
        account_id -> Nullable<Guid>,
        at -> Timestamp,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp, Binary};
    account_phone (account_id) {
        account_id -> Guid,
        phone_hash -> Text,
        phone_sealed -> Binary,
        asked_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Guid, Integer, Nullable, Timestamp};
    guardian_dispute (id) {
        id -> Guid,
        guardianship_id -> Guid,
        school_id -> Integer,
        opened_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{BigInt, Binary, Guid, Nullable, Timestamp};
    second_factor (account_id) {
        account_id -> Guid,
        secret_sealed -> Binary,
        made_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        last_step -> BigInt,
    }
}

diesel::table! {
    use super::{Guid, Nullable, Text, Timestamp};
    recovery_code (account_id, code_hash) {
        account_id -> Guid,
        code_hash -> Text,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use super::{Bool, Text, Timestamp};
    loose_photo (sha256) {
        sha256 -> Text,
        since -> Timestamp,
        going -> Bool,
    }
}

diesel::table! {
    use super::{Bool, Text, Timestamp};
    withdrawn_file (sha256) {
        sha256 -> Text,
        since -> Timestamp,
        gone -> Bool,
    }
}

diesel::table! {
    use super::{Guid, Timestamp};
    inbox_opening (account_id, at) {
        account_id -> Guid,
        at -> Timestamp,
    }
}

diesel::table! {
    use super::{Bool, Integer, Nullable, Text, Timestamp};
    webhook_try (school_id, letter, n) {
        school_id -> Integer,
        letter -> Text,
        n -> Integer,
        begun_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        arrived -> Bool,
        fault -> Nullable<Text>,
    }
}
