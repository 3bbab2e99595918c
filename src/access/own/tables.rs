//! A school's tables that more than one feature reads.

crate::school_table!(pub class (id) {
    id -> Guid,
    cohort -> Integer,
    number -> Integer,
});

crate::school_table!(pub enrolment (id) {
    id -> Guid,
    student_id -> Guid,
    class_id -> Guid,
    seat -> Integer,
    auxiliary -> Nullable<Text>,
    entered_on -> Date,
    left_on -> Nullable<Date>,
});

crate::school_table!(pub post (id) {
    id -> Guid,
    term -> Integer,
    class_id -> Guid,
    account_id -> Guid,
    role -> Text,
    subject -> Nullable<Text>,
    since -> Date,
    until -> Nullable<Date>,
});

crate::school_table!(pub import_waiting (token_sha256) {
    token_sha256 -> Text,
    rows_sealed -> Binary,
    expires_at -> Timestamp,
});

crate::school_table!(pub signature (class_id, term) {
    class_id -> Guid,
    term -> Integer,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub sealed_file (sha256) {
    sha256 -> Text,
    bytes -> Binary,
});

crate::school_table!(pub seal (student_id, term, part, version) {
    student_id -> Guid,
    term -> Integer,
    part -> Text,
    version -> Integer,
    class_id -> Guid,
    sha256 -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub portfolio (student_id, version, edition) {
    student_id -> Guid,
    version -> Integer,
    sealed_sha256 -> Text,
    pdf_sha256 -> Text,
    pages -> Integer,
    made_at -> Timestamp,
    credential_sha256 -> Nullable<Text>,
    edition -> Integer,
});

crate::school_table!(pub print_run (id) {
    id -> Guid,
    cohort -> Integer,
    account_id -> Guid,
    asked_at -> Timestamp,
    finished_at -> Nullable<Timestamp>,
    paused_at -> Nullable<Timestamp>,
    class_id -> Nullable<Guid>,
    term -> Nullable<Integer>,
});

crate::school_table!(pub print_item (run_id, student_id) {
    run_id -> Guid,
    student_id -> Guid,
    state -> Text,
    reason -> Nullable<Text>,
    pdf_sha256 -> Nullable<Text>,
    pages -> Nullable<Integer>,
});

crate::school_table!(pub handover (id) {
    id -> Guid,
    student_id -> Guid,
    direction -> Text,
    issuer -> Text,
    package_sha256 -> Text,
    at -> Timestamp,
    peer -> Nullable<Text>,
    file_sha256 -> Nullable<Text>,
    pdf_sha256 -> Nullable<Text>,
});

crate::school_table!(pub handed_portfolio (student_id, version) {
    student_id -> Guid,
    version -> Integer,
    sealed_sha256 -> Text,
    pdf_sha256 -> Nullable<Text>,
    credential_sha256 -> Nullable<Text>,
    handover_id -> Guid,
});

crate::school_table!(pub handed_term (student_id, term, version) {
    student_id -> Guid,
    term -> Integer,
    version -> Integer,
    sha256 -> Text,
    handover_id -> Guid,
});

crate::school_table!(pub reading (class_id, day, account_id, role) {
    class_id -> Guid,
    day -> Date,
    account_id -> Guid,
    role -> Text,
});

crate::school_table!(pub data_request (id) {
    id -> Guid,
    student_id -> Guid,
    account_id -> Guid,
    kind -> Text,
    text -> Text,
    asked_at -> Timestamp,
    due_on -> Date,
    answer -> Nullable<Text>,
    answered_by -> Nullable<Guid>,
    answered_at -> Nullable<Timestamp>,
});

crate::school_table!(pub activity (id) {
    id -> Guid,
    term -> Integer,
    class_id -> Guid,
    account_id -> Guid,
    role -> Text,
    on_behalf -> Bool,
    made_at -> Timestamp,
});

crate::school_table!(pub telling (activity_id, revision) {
    activity_id -> Guid,
    revision -> Integer,
    indicator -> Text,
    domain -> Text,
    also -> Text,
    title -> Text,
    starts_on -> Date,
    ends_on -> Date,
    place -> Nullable<Text>,
    organiser -> Nullable<Text>,
    level -> Nullable<Text>,
    minutes -> Nullable<Integer>,
    attained -> Nullable<Text>,
    words -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub record (term, student_id, activity_id, revision) {
    term -> Integer,
    student_id -> Guid,
    activity_id -> Guid,
    revision -> Integer,
    part -> Text,
    state -> Text,
    note -> Nullable<Text>,
    account_id -> Guid,
    role -> Text,
    at -> Timestamp,
});

crate::school_table!(pub evidence (activity_id, ordinal) {
    activity_id -> Guid,
    ordinal -> Integer,
    sha256 -> Text,
    thumb_sha256 -> Text,
    bytes -> Integer,
    width -> Integer,
    height -> Integer,
    looks -> Binary,
    like_activity -> Nullable<Guid>,
    account_id -> Guid,
    role -> Text,
    at -> Timestamp,
});

crate::school_table!(pub case_view (id) {
    id -> Guid,
    student_id -> Guid,
    term -> Integer,
    objection_id -> Nullable<Guid>,
    account_id -> Guid,
    reason -> Text,
    opened_by -> Nullable<Guid>,
    opened_at -> Timestamp,
    expires_at -> Timestamp,
    ended_at -> Nullable<Timestamp>,
});

crate::school_table!(pub notice (id) {
    id -> Guid,
    class_id -> Guid,
    term -> Integer,
    part -> Text,
    round -> Integer,
    audience -> Text,
    first_on -> Date,
    last_on -> Date,
    missing -> Integer,
    reason -> Nullable<Text>,
    objection_id -> Nullable<Guid>,
    student_id -> Nullable<Guid>,
    was -> Nullable<Text>,
    becomes -> Nullable<Text>,
    account_id -> Guid,
    opened_at -> Timestamp,
});

crate::school_table!(pub stage_signature (class_id, term, part, step) {
    class_id -> Guid,
    term -> Integer,
    part -> Text,
    step -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub objection (id) {
    id -> Guid,
    class_id -> Guid,
    term -> Integer,
    student_id -> Guid,
    item -> Text,
    domain -> Nullable<Text>,
    activity_id -> Nullable<Guid>,
    cited -> Text,
    text -> Text,
    account_id -> Guid,
    role -> Text,
    at -> Timestamp,
    part -> Text,
});

crate::school_table!(pub objection_photo (objection_id, ordinal) {
    objection_id -> Guid,
    ordinal -> Integer,
    step -> Integer,
    sha256 -> Text,
    thumb_sha256 -> Text,
    bytes -> Integer,
    width -> Integer,
    height -> Integer,
    at -> Timestamp,
});

crate::school_table!(pub objection_step (objection_id, n) {
    objection_id -> Guid,
    n -> Integer,
    kind -> Text,
    instance -> Text,
    handler_id -> Nullable<Guid>,
    due_on -> Nullable<Date>,
    text -> Text,
    account_id -> Guid,
    role -> Text,
    at -> Timestamp,
});

crate::school_table!(pub reminder (id) {
    id -> Guid,
    account_id -> Guid,
    matter -> Text,
    class_id -> Guid,
    student_id -> Nullable<Guid>,
    term -> Integer,
    day -> Date,
    by_id -> Guid,
    role -> Text,
    at -> Timestamp,
});

const _: () = {
    use crate::schema::{
        account, account_phone, consent, device, family_member, guardian_dispute, guardianship, inbox_opening,
        membership, school, second_factor, session, single_use_link, slip, stage_window, student, term, verify_code,
        window_extension, withdrawal,
    };
    use activity::hidden::activity;
    use case_view::hidden::case_view;
    use class::hidden::class;
    use data_request::hidden::data_request;
    use enrolment::hidden::enrolment;
    use evidence::hidden::evidence;
    use handover::hidden::handover;
    use notice::hidden::notice;
    use objection::hidden::objection;
    use objection_step::hidden::objection_step;
    use portfolio::hidden::portfolio;
    use post::hidden::post;
    use print_item::hidden::print_item;
    use print_run::hidden::print_run;
    use reading::hidden::reading;
    use record::hidden::record;
    use reminder::hidden::reminder;
    use seal::hidden::seal;
    use sealed_file::hidden::sealed_file;
    use signature::hidden::signature;
    use stage_signature::hidden::stage_signature;
    use telling::hidden::telling;
    diesel::allow_tables_to_appear_in_same_query!(
        account,
        account_phone,
        activity,
        case_view,
        class,
        consent,
        data_request,
        device,
        enrolment,
        evidence,
        family_member,
        guardian_dispute,
        guardianship,
        handover,
        inbox_opening,
        membership,
        notice,
        objection,
        objection_step,
        portfolio,
        post,
        print_item,
        print_run,
        reading,
        record,
        reminder,
        school,
        seal,
        sealed_file,
        second_factor,
        session,
        signature,
        single_use_link,
        slip,
        stage_signature,
        stage_window,
        student,
        telling,
        term,
        verify_code,
        window_extension,
        withdrawal,
    );
};
