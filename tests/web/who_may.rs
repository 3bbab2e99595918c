//! Every route of the running program, and who may use it. A route without a row
//! fails, and so does a row without a route.
use crate::support::{PEOPLE, School, TERM};
use actix_web::introspection::IntrospectionTree;
use actix_web::{App, HttpResponse, test, web};
use std::collections::BTreeSet;

pub struct Row {
    pub method: &'static str,
    pub pattern: &'static str,
    /// With `{class}`, `{li}`… filled in from the small county.
    pub example: &'static str,
    pub who: Who,
}

pub enum Who {
    /// Signed in or not.
    Anyone,
    /// Everyone signed in, about themselves.
    Owners,
    Only(&'static [&'static str]),
}

const fn row(method: &'static str, pattern: &'static str, example: &'static str, who: Who) -> Row {
    Row { method, pattern, example, who }
}

use Who::{Anyone, Only, Owners};

const HOMEROOM: Who = Only(&["lin", "dep"]);
const PRINCIPAL: Who = Only(&["principal1"]);
const OFFICE: Who = Only(&["office1", "office2"]);
/// 语文 and 体育与健康 of the class.
const TEACHERS: Who = Only(&["fang", "peng"]);
/// 体育与健康 of the class.
const PE: Who = Only(&["peng"]);
/// Everyone of the staff of a school, for looking beyond their posts.
const STAFF: Who = Only(&["lin", "dep", "wu", "fang", "peng", "tuan", "ping", "yi", "lin2", "nobody"]);
/// 安全管理 of the county.
const SECURITY: Who = Only(&["security"]);
const FAMILY: Who = Only(&["li-parent", "li-pupil"]);

pub const WHO_MAY: &[Row] = &[
    row("GET", "/assets/{name}", "/assets/app.css", Anyone),
    row("GET", "/healthz", "/healthz", Anyone),
    row("GET", "/.well-known/jwks.json", "/.well-known/jwks.json", Anyone),
    row("GET", "/sign-in", "/sign-in", Anyone),
    row("POST", "/sign-in", "/sign-in", Anyone),
    row("GET", "/welcome/{token}", "/welcome/x", Anyone),
    row("POST", "/welcome/{token}", "/welcome/x", Anyone),
    row("GET", "/join", "/join", Anyone),
    row("POST", "/join", "/join", Anyone),
    row("GET", "/join/{code}", "/join/x", Anyone),
    row("POST", "/join/{code}", "/join/x", Anyone),
    row("GET", "/verify", "/verify", Anyone),
    row("POST", "/verify", "/verify", Anyone),
    row("GET", "/verify/{code}", "/verify/x", Anyone),
    row("POST", "/verify/paper", "/verify/paper", Anyone),
    row("POST", "/verify/file", "/verify/file", Anyone),
    row("GET", "/verify/withdrawn.jwt", "/verify/withdrawn.jwt", Anyone),
    row("GET", "/", "/", Owners),
    row("GET", "/desks", "/desks", Owners),
    row("POST", "/desks", "/desks", Owners),
    row("GET", "/password", "/password", Owners),
    row("POST", "/password", "/password", Owners),
    row("POST", "/sign-in/code", "/sign-in/code", Anyone),
    row("GET", "/sessions", "/sessions", Owners),
    row("POST", "/sessions/end", "/sessions/end", Owners),
    row("GET", "/second-factor", "/second-factor", Owners),
    row("POST", "/second-factor/begin", "/second-factor/begin", Owners),
    row("POST", "/second-factor/confirm", "/second-factor/confirm", Owners),
    row("POST", "/second-factor/off", "/second-factor/off", Owners),
    row("POST", "/sign-out", "/sign-out", Owners),
    row("GET", "/inbox", "/inbox", Owners),
    row("GET", "/class/{class}/desk", "/class/{class}/desk", HOMEROOM),
    row("GET", "/class/{class}/remind/{matter}", "/class/{class}/remind/self", HOMEROOM),
    row("POST", "/class/{class}/remind/{matter}", "/class/{class}/remind/self", HOMEROOM),
    row("POST", "/office/board/{class}/remind", "/office/board/{class}/remind", Only(&["office1"])),
    row("GET", "/class/{class}/grid", "/class/{class}/grid", HOMEROOM),
    row("GET", "/class/{class}/{term}/beside", "/class/{class}/{term}/beside", HOMEROOM),
    row("POST", "/class/{class}/{term}/cells", "/class/{class}/{term}/cells", HOMEROOM),
    row("POST", "/class/{class}/{term}/comments", "/class/{class}/{term}/comments", HOMEROOM),
    row("POST", "/class/{class}/{term}/repeat", "/class/{class}/{term}/repeat", HOMEROOM),
    row("GET", "/class/{class}/{term}/sign", "/class/{class}/{term}/sign", HOMEROOM),
    row("POST", "/class/{class}/{term}/sign", "/class/{class}/{term}/sign", HOMEROOM),
    row("GET", "/class/{class}/student/{student}", "/class/{class}/student/{li}", HOMEROOM),
    row("POST", "/class/{class}/student/{student}", "/class/{class}/student/{li}", HOMEROOM),
    row("POST", "/class/{class}/evidence/{activity}", "/class/{class}/evidence/{li}", HOMEROOM),
    row("GET", "/class/{class}/evidence/{activity}/{ordinal}", "/class/{class}/evidence/{li}/1", HOMEROOM),
    row("GET", "/class/{class}/evidence/{activity}/{ordinal}/small", "/class/{class}/evidence/{li}/1/small", HOMEROOM),
    row(
        "POST",
        "/class/{class}/evidence/{activity}/{ordinal}/remove",
        "/class/{class}/evidence/{li}/1/remove",
        HOMEROOM,
    ),
    row("GET", "/child/{student}/evidence/{activity}/{ordinal}", "/child/{li}/evidence/{li}/1", FAMILY),
    row("GET", "/child/{student}/evidence/{activity}/{ordinal}/small", "/child/{li}/evidence/{li}/1/small", FAMILY),
    row("POST", "/child/{student}/evidence/{activity}/{ordinal}/remove", "/child/{li}/evidence/{li}/1/remove", FAMILY),
    row("GET", "/class/{class}/vision", "/class/{class}/vision", HOMEROOM),
    row("POST", "/class/{class}/vision", "/class/{class}/vision", HOMEROOM),
    row("POST", "/class/{class}/{term}/vision", "/class/{class}/{term}/vision", HOMEROOM),
    row("GET", "/class/{class}/slips", "/class/{class}/slips", HOMEROOM),
    row("POST", "/class/{class}/slips", "/class/{class}/slips", HOMEROOM),
    row("GET", "/class/{class}/family/{student}", "/class/{class}/family/{li}", HOMEROOM),
    row("POST", "/class/{class}/family/{student}/attest", "/class/{class}/family/{li}/attest", HOMEROOM),
    row("POST", "/class/{class}/family/{student}/phone", "/class/{class}/family/{li}/phone", HOMEROOM),
    row("POST", "/class/{class}/family/{student}/link", "/class/{class}/family/{li}/link", HOMEROOM),
    row("GET", "/class/{class}/records", "/class/{class}/records", HOMEROOM),
    row("POST", "/class/{class}/records", "/class/{class}/records", HOMEROOM),
    row("GET", "/class/{class}/records/{activity}", "/class/{class}/records/{li}", HOMEROOM),
    row("POST", "/class/{class}/records/{activity}/withdraw", "/class/{class}/records/{li}/withdraw", HOMEROOM),
    row("GET", "/class/{class}/calendar", "/class/{class}/calendar", HOMEROOM),
    row("GET", "/class/{class}/roll", "/class/{class}/roll", HOMEROOM),
    row("POST", "/class/{class}/roll", "/class/{class}/roll", HOMEROOM),
    row("GET", "/class/{class}/review", "/class/{class}/review", HOMEROOM),
    row("POST", "/class/{class}/review", "/class/{class}/review", HOMEROOM),
    row("GET", "/class/{class}/contacts", "/class/{class}/contacts", HOMEROOM),
    row("POST", "/class/{class}/contacts", "/class/{class}/contacts", HOMEROOM),
    row("POST", "/class/{class}/contacts/{contact}/share", "/class/{class}/contacts/{li}/share", HOMEROOM),
    row("GET", "/child/{student}/records", "/child/{li}/records", FAMILY),
    row("GET", "/child/{student}/records/new", "/child/{li}/records/new", FAMILY),
    row("POST", "/child/{student}/records", "/child/{li}/records", FAMILY),
    row("GET", "/child/{student}/records/{activity}", "/child/{li}/records/{li}", FAMILY),
    row("POST", "/child/{student}/records/{activity}/take-back", "/child/{li}/records/{li}/take-back", FAMILY),
    row("GET", "/child/{student}/housework", "/child/{li}/housework", FAMILY),
    row("POST", "/child/{student}/housework", "/child/{li}/housework", FAMILY),
    row("GET", "/child/{student}/contacts", "/child/{li}/contacts", FAMILY),
    row("POST", "/child/{student}/contacts/{contact}/reply", "/child/{li}/contacts/{li}/reply", Only(&["li-parent"])),
    row("GET", "/office/year", "/office/year", OFFICE),
    row("GET", "/office/families", "/office/families", OFFICE),
    row("POST", "/office/families/slips", "/office/families/slips", OFFICE),
    row("GET", "/office/family/{student}", "/office/family/{li}", Only(&["office1"])),
    row("POST", "/office/family/{student}/ruling", "/office/family/{li}/ruling", Only(&["office1"])),
    row("GET", "/office/webhook", "/office/webhook", OFFICE),
    row("POST", "/office/webhook", "/office/webhook", OFFICE),
    row("POST", "/office/webhook/try", "/office/webhook/try", OFFICE),
    row("GET", "/office/requests", "/office/requests", OFFICE),
    row("POST", "/office/requests/{request}", "/office/requests/{li}", OFFICE),
    row("GET", "/child/{student}/data", "/child/{li}/data", FAMILY),
    row("GET", "/child/{student}/data.json", "/child/{li}/data.json", FAMILY),
    row("GET", "/child/{student}/data.pdf", "/child/{li}/data.pdf", FAMILY),
    row("POST", "/child/{student}/data/consent", "/child/{li}/data/consent", Only(&["li-parent"])),
    row("POST", "/child/{student}/data/request", "/child/{li}/data/request", Only(&["li-parent"])),
    row("GET", "/subject/{class}", "/subject/{class}", TEACHERS),
    row("POST", "/subject/{class}/bands", "/subject/{class}/bands", TEACHERS),
    row("POST", "/subject/{class}/{term}/cells", "/subject/{class}/{term}/cells", TEACHERS),
    row("GET", "/subject/{class}/template.xlsx", "/subject/{class}/template.xlsx", TEACHERS),
    row("POST", "/subject/{class}/workbook", "/subject/{class}/workbook", TEACHERS),
    row("GET", "/subject/{class}/ticks", "/subject/{class}/ticks", TEACHERS),
    row("POST", "/subject/{class}/{term}/ticks", "/subject/{class}/{term}/ticks", TEACHERS),
    row("GET", "/subject/{class}/fitness", "/subject/{class}/fitness", PE),
    row("POST", "/subject/{class}/fitness", "/subject/{class}/fitness", PE),
    row("POST", "/subject/{class}/fitness/take", "/subject/{class}/fitness/take", PE),
    row("GET", "/subject/{class}/fitness/template.xlsx", "/subject/{class}/fitness/template.xlsx", PE),
    row("GET", "/office", "/office", OFFICE),
    row("GET", "/office/roster", "/office/roster", OFFICE),
    row("POST", "/office/roster", "/office/roster", OFFICE),
    row("POST", "/office/roster/take", "/office/roster/take", OFFICE),
    row("GET", "/office/roster/template.xlsx", "/office/roster/template.xlsx", OFFICE),
    row("POST", "/office/roster/{taking}/undo", "/office/roster/{class}/undo", OFFICE),
    row("GET", "/office/regroup", "/office/regroup", OFFICE),
    row("POST", "/office/regroup", "/office/regroup", OFFICE),
    row("POST", "/office/regroup/take", "/office/regroup/take", OFFICE),
    row("GET", "/office/classes", "/office/classes", OFFICE),
    row("POST", "/office/classes", "/office/classes", OFFICE),
    row("POST", "/office/classes/missing", "/office/classes/missing", OFFICE),
    row("POST", "/office/classes/{class}/homeroom", "/office/classes/{class}/homeroom", OFFICE),
    row("POST", "/office/staff/link", "/office/staff/link", OFFICE),
    row("GET", "/office/opening", "/office/opening", OFFICE),
    row("POST", "/office/opening", "/office/opening", OFFICE),
    row("GET", "/office/staff/import", "/office/staff/import", OFFICE),
    row("POST", "/office/staff/import", "/office/staff/import", OFFICE),
    row("POST", "/office/staff/take", "/office/staff/take", OFFICE),
    row("GET", "/office/staff", "/office/staff", OFFICE),
    row("POST", "/office/staff", "/office/staff", OFFICE),
    row("POST", "/office/staff/post/{post}/end", "/office/staff/post/{class}/end", OFFICE),
    row("POST", "/office/staff/{account}/leave", "/office/staff/{class}/leave", OFFICE),
    row("GET", "/office/pupils", "/office/pupils", OFFICE),
    row("POST", "/office/pupils", "/office/pupils", OFFICE),
    row("GET", "/office/pupils/{student}", "/office/pupils/{li}", Only(&["office1"])),
    row("POST", "/office/pupils/{student}", "/office/pupils/{li}", Only(&["office1"])),
    row("GET", "/office/classes/{class}/list", "/office/classes/{class}/list", Only(&["office1"])),
    row("POST", "/office/classes/{class}/seats", "/office/classes/{class}/seats", OFFICE),
    row("GET", "/office/vision", "/office/vision", OFFICE),
    row("GET", "/office/fitness", "/office/fitness", OFFICE),
    row("POST", "/office/fitness", "/office/fitness", OFFICE),
    row("POST", "/office/fitness/take", "/office/fitness/take", OFFICE),
    row("POST", "/office/fitness/upload.xlsx", "/office/fitness/upload.xlsx", OFFICE),
    row("GET", "/office/print", "/office/print", OFFICE),
    row("GET", "/office/print/{cohort}", "/office/print/2025", OFFICE),
    row("POST", "/office/print/{cohort}", "/office/print/2025", OFFICE),
    row("POST", "/office/print/{cohort}/withdraw", "/office/print/2025/withdraw", OFFICE),
    row("POST", "/office/print/{cohort}/pause", "/office/print/2025/pause", OFFICE),
    row("POST", "/office/print/{cohort}/resume", "/office/print/2025/resume", OFFICE),
    row("GET", "/office/print/{cohort}/{class}.pdf", "/office/print/2025/1.pdf", OFFICE),
    row("GET", "/office/print/{cohort}/{class}.zip", "/office/print/2025/1.zip", OFFICE),
    row("GET", "/office/print/{cohort}/pupil/{student}.pdf", "/office/print/2025/pupil/{li}.pdf", OFFICE),
    row("POST", "/office/print/{cohort}/out", "/office/print/2025/out", OFFICE),
    row("GET", "/office/reports", "/office/reports", OFFICE),
    row("GET", "/office/reports/{class}/{term}", "/office/reports/{class}/{term}", Only(&["office1"])),
    row("POST", "/office/reports/{class}/{term}", "/office/reports/{class}/{term}", Only(&["office1"])),
    row("POST", "/office/reports/{class}/{term}/pause", "/office/reports/{class}/{term}/pause", Only(&["office1"])),
    row("POST", "/office/reports/{class}/{term}/resume", "/office/reports/{class}/{term}/resume", Only(&["office1"])),
    row("GET", "/office/reports/{class}/{term}.pdf", "/office/reports/{class}/{term}.pdf", Only(&["office1"])),
    row("GET", "/office/reports/{class}/{term}.zip", "/office/reports/{class}/{term}.zip", Only(&["office1"])),
    row("POST", "/office/reports/{class}/{term}/booklet", "/office/reports/{class}/{term}/booklet", Only(&["office1"])),
    row("POST", "/class/{class}/{term}/booklet", "/class/{class}/{term}/booklet", Only(&["lin"])),
    row("GET", "/office/handover", "/office/handover", OFFICE),
    row("POST", "/office/handover", "/office/handover", OFFICE),
    row("POST", "/office/handover/take", "/office/handover/take", OFFICE),
    row("GET", "/office/handover/pupil/{student}", "/office/handover/pupil/{li}", Only(&["office1"])),
    row("POST", "/office/handover/pupil/{student}", "/office/handover/pupil/{li}", OFFICE),
    row("POST", "/office/handover/pupil/{student}/bring", "/office/handover/pupil/{li}/bring", OFFICE),
    row("GET", "/office/handover/pupil/{student}/portfolio.pdf", "/office/handover/pupil/{li}/portfolio.pdf", OFFICE),
    row("GET", "/office/handover/{handover}/package.zip", "/office/handover/{li}/package.zip", OFFICE),
    row("GET", "/office/handover/{handover}/slip.pdf", "/office/handover/{li}/slip.pdf", OFFICE),
    row("GET", "/principal", "/principal", Only(&["principal1"])),
    row("GET", "/principal/cases", "/principal/cases", Only(&["principal1"])),
    row("POST", "/principal/cases", "/principal/cases", Only(&["principal1"])),
    row("POST", "/principal/cases/{case}/end", "/principal/cases/{case}/end", Only(&["principal1"])),
    row("GET", "/office/cases", "/office/cases", OFFICE),
    row("POST", "/office/cases", "/office/cases", OFFICE),
    row("POST", "/office/cases/{case}/end", "/office/cases/{case}/end", OFFICE),
    row("POST", "/office/staff/several", "/office/staff/several", OFFICE),
    row("GET", "/organiser", "/organiser", Only(&["tuan"])),
    row("GET", "/organiser/records", "/organiser/records", Only(&["tuan"])),
    row("POST", "/organiser/records", "/organiser/records", Only(&["tuan"])),
    row("GET", "/organiser/{class}/list", "/organiser/{class}/list", Only(&["tuan"])),
    row("GET", "/committee", "/committee", Only(&["ping"])),
    row("GET", "/health", "/health", Only(&["yi"])),
    row("GET", "/health/{class}/vision", "/health/{class}/vision", Only(&["yi"])),
    row("POST", "/health/{class}/vision", "/health/{class}/vision", Only(&["yi"])),
    row("POST", "/health/{class}/{term}/vision", "/health/{class}/{term}/vision", Only(&["yi"])),
    row("GET", "/case", "/case", STAFF),
    row("POST", "/case", "/case", STAFF),
    row("GET", "/case/{case}", "/case/{case}", Only(&["ping"])),
    row("GET", "/principal/seal", "/principal/seal", PRINCIPAL),
    row("GET", "/principal/corrections", "/principal/corrections", PRINCIPAL),
    row("POST", "/principal/corrections/{correction}", "/principal/corrections/{li}", PRINCIPAL),
    row("GET", "/office/corrections", "/office/corrections", OFFICE),
    row("POST", "/office/corrections/{correction}", "/office/corrections/{li}", OFFICE),
    row(
        "GET",
        "/office/correction/{class}/{student}/{term}",
        "/office/correction/{class}/{li}/{term}",
        Only(&["office1"]),
    ),
    row(
        "POST",
        "/office/correction/{class}/{student}/{term}",
        "/office/correction/{class}/{li}/{term}",
        Only(&["office1"]),
    ),
    row("GET", "/class/{class}/correction/{student}/{term}", "/class/{class}/correction/{li}/{term}", HOMEROOM),
    row("POST", "/class/{class}/correction/{student}/{term}", "/class/{class}/correction/{li}/{term}", HOMEROOM),
    row("GET", "/child/{student}/versions", "/child/{li}/versions", FAMILY),
    row("GET", "/child/{student}/versions/{term}/{version}", "/child/{li}/versions/2026-1/1", FAMILY),
    row("GET", "/child/{student}/versions/{term}/{version}.json", "/child/{li}/versions/2026-1/1.json", FAMILY),
    row("GET", "/principal/seal/{class}", "/principal/seal/{class}", PRINCIPAL),
    row("POST", "/principal/seal/{class}", "/principal/seal/{class}", PRINCIPAL),
    row("GET", "/principal/objections", "/principal/objections", PRINCIPAL),
    row("GET", "/principal/objections/{objection}", "/principal/objections/{li}", PRINCIPAL),
    row("GET", "/principal/objections/{objection}/photos/{ordinal}", "/principal/objections/{li}/photos/1", PRINCIPAL),
    row("POST", "/principal/objections/{objection}/answer", "/principal/objections/{li}/answer", PRINCIPAL),
    row("GET", "/class/{class}/graduation", "/class/{class}/graduation", HOMEROOM),
    row("POST", "/class/{class}/graduation", "/class/{class}/graduation", HOMEROOM),
    row("GET", "/class/{class}/graduation/{student}", "/class/{class}/graduation/{li}", HOMEROOM),
    row("POST", "/class/{class}/graduation/{student}", "/class/{class}/graduation/{li}", HOMEROOM),
    row("GET", "/child/{student}/graduation", "/child/{li}/graduation", FAMILY),
    row("POST", "/child/{student}/graduation", "/child/{li}/graduation", Only(&["li-pupil"])),
    row("GET", "/office/graduation", "/office/graduation", OFFICE),
    row("GET", "/office/graduation/{class}", "/office/graduation/{class}", Only(&["office1"])),
    row("POST", "/office/graduation/{class}/notice", "/office/graduation/{class}/notice", OFFICE),
    row("POST", "/office/graduation/{class}/review", "/office/graduation/{class}/review", OFFICE),
    row("GET", "/office/graduation/{class}/{student}", "/office/graduation/{class}/{li}", Only(&["office1"])),
    row("POST", "/office/graduation/{class}/{student}", "/office/graduation/{class}/{li}", OFFICE),
    row("GET", "/office/paper", "/office/paper", OFFICE),
    row("GET", "/office/paper/{class}/{term}", "/office/paper/{class}/2025-2", Only(&["office1"])),
    row(
        "GET",
        "/office/paper/{class}/{term}/template.xlsx",
        "/office/paper/{class}/2025-2/template.xlsx",
        Only(&["office1"]),
    ),
    row("POST", "/office/paper/{class}/{term}", "/office/paper/{class}/2025-2", OFFICE),
    row("POST", "/office/paper/{class}/{term}/take", "/office/paper/{class}/2025-2/take", OFFICE),
    row("GET", "/principal/paper", "/principal/paper", PRINCIPAL),
    row("POST", "/principal/paper/{class}/{term}", "/principal/paper/{class}/2025-2", PRINCIPAL),
    row("GET", "/principal/graduation", "/principal/graduation", PRINCIPAL),
    row("GET", "/principal/graduation/{class}", "/principal/graduation/{class}", PRINCIPAL),
    row("POST", "/principal/graduation/{class}", "/principal/graduation/{class}", PRINCIPAL),
    row("GET", "/office/notice", "/office/notice", OFFICE),
    row("GET", "/office/notice/{class}", "/office/notice/{class}", Only(&["office1"])),
    row("POST", "/office/notice/{class}", "/office/notice/{class}", OFFICE),
    row("POST", "/office/notice/{class}/review", "/office/notice/{class}/review", OFFICE),
    row("GET", "/office/objections", "/office/objections", OFFICE),
    row("GET", "/office/objections/{objection}", "/office/objections/{li}", OFFICE),
    row("GET", "/office/objections/{objection}/photos/{ordinal}", "/office/objections/{li}/photos/1", OFFICE),
    row("GET", "/office/notice/{class}/graduation", "/office/notice/{class}/graduation", Only(&["office1"])),
    row("POST", "/office/objections/{objection}/assign", "/office/objections/{li}/assign", OFFICE),
    row("POST", "/office/objections/{objection}/answer", "/office/objections/{li}/answer", OFFICE),
    row("GET", "/class/{class}/notice", "/class/{class}/notice", HOMEROOM),
    row("GET", "/class/{class}/check", "/class/{class}/check", HOMEROOM),
    row("POST", "/class/{class}/{term}/check", "/class/{class}/{term}/check", HOMEROOM),
    row("GET", "/class/{class}/objection", "/class/{class}/objection", HOMEROOM),
    row("POST", "/class/{class}/objection", "/class/{class}/objection", HOMEROOM),
    row("GET", "/class/{class}/objections", "/class/{class}/objections", HOMEROOM),
    row("GET", "/class/{class}/objections/{objection}", "/class/{class}/objections/{li}", HOMEROOM),
    row(
        "GET",
        "/class/{class}/objections/{objection}/photos/{ordinal}",
        "/class/{class}/objections/{li}/photos/1",
        HOMEROOM,
    ),
    row("GET", "/class/{class}/notice/graduation", "/class/{class}/notice/graduation", HOMEROOM),
    row("POST", "/class/{class}/objections/{objection}/withdraw", "/class/{class}/objections/{li}/withdraw", HOMEROOM),
    row("POST", "/class/{class}/objections/{objection}/escalate", "/class/{class}/objections/{li}/escalate", HOMEROOM),
    row("GET", "/subject/{class}/notice", "/subject/{class}/notice", TEACHERS),
    row("GET", "/subject/{class}/objection", "/subject/{class}/objection", TEACHERS),
    row("POST", "/subject/{class}/objection", "/subject/{class}/objection", TEACHERS),
    row("GET", "/subject/{class}/objections", "/subject/{class}/objections", TEACHERS),
    row("GET", "/subject/{class}/objections/{objection}", "/subject/{class}/objections/{li}", TEACHERS),
    row(
        "GET",
        "/subject/{class}/objections/{objection}/photos/{ordinal}",
        "/subject/{class}/objections/{li}/photos/1",
        TEACHERS,
    ),
    row("GET", "/subject/{class}/notice/graduation", "/subject/{class}/notice/graduation", TEACHERS),
    row(
        "POST",
        "/subject/{class}/objections/{objection}/withdraw",
        "/subject/{class}/objections/{li}/withdraw",
        TEACHERS,
    ),
    row(
        "POST",
        "/subject/{class}/objections/{objection}/escalate",
        "/subject/{class}/objections/{li}/escalate",
        TEACHERS,
    ),
    row("GET", "/committee/objections", "/committee/objections", Only(&["ping"])),
    row("POST", "/committee/objections/{objection}/take", "/committee/objections/{li}/take", Only(&["ping"])),
    row("GET", "/case/{case}/objections/{objection}", "/case/{case}/objections/{li}", Only(&["ping"])),
    row(
        "GET",
        "/case/{case}/objections/{objection}/photos/{ordinal}",
        "/case/{case}/objections/{li}/photos/1",
        Only(&["ping"]),
    ),
    row("GET", "/case/{case}/graduation", "/case/{case}/graduation", Only(&["ping"])),
    row("POST", "/case/{case}/objections/{objection}/answer", "/case/{case}/objections/{li}/answer", Only(&["ping"])),
    row("GET", "/county/objections", "/county/objections", Only(&["county"])),
    row("POST", "/county/objections/{objection}/take", "/county/objections/{li}/take", Only(&["county"])),
    row("GET", "/child/{student}/notice", "/child/{li}/notice", FAMILY),
    row("GET", "/child/{student}/objection", "/child/{li}/objection?domain=moral", FAMILY),
    row("POST", "/child/{student}/objection", "/child/{li}/objection", FAMILY),
    row("GET", "/child/{student}/objections", "/child/{li}/objections", FAMILY),
    row("GET", "/child/{student}/objections/{objection}", "/child/{li}/objections/{li}", FAMILY),
    row(
        "GET",
        "/child/{student}/objections/{objection}/photos/{ordinal}",
        "/child/{li}/objections/{li}/photos/1",
        FAMILY,
    ),
    row("GET", "/child/{student}/notice/graduation", "/child/{li}/notice/graduation", FAMILY),
    row("POST", "/child/{student}/objections/{objection}/withdraw", "/child/{li}/objections/{li}/withdraw", FAMILY),
    row("POST", "/child/{student}/objections/{objection}/escalate", "/child/{li}/objections/{li}/escalate", FAMILY),
    row("GET", "/county", "/county", Only(&["county"])),
    row("GET", "/county/accounts", "/county/accounts", SECURITY),
    row("POST", "/county/accounts", "/county/accounts", SECURITY),
    row("POST", "/county/accounts/link", "/county/accounts/link", SECURITY),
    row("POST", "/county/accounts/close", "/county/accounts/close", SECURITY),
    row("POST", "/county/accounts/unlock", "/county/accounts/unlock", SECURITY),
    row("POST", "/county/accounts/second-factor", "/county/accounts/second-factor", SECURITY),
    row("GET", "/county/audit", "/county/audit", Only(&["audit"])),
    row("GET", "/county/scheme", "/county/scheme", Only(&["county"])),
    row("POST", "/county/scheme", "/county/scheme", Only(&["county"])),
    row("GET", "/county/scheme/{cohort}", "/county/scheme/2020", Only(&["county"])),
    row("POST", "/county/scheme/{cohort}", "/county/scheme/2020", Only(&["county"])),
    row("GET", "/county/scheme/{cohort}/check", "/county/scheme/2020/check", Only(&["county"])),
    row("POST", "/county/scheme/{cohort}/publish", "/county/scheme/2020/publish", Only(&["county"])),
    row("GET", "/county/scheme/{cohort}/{version}", "/county/scheme/2020/1", Only(&["county"])),
    row("GET", "/county/windows", "/county/windows", Only(&["county"])),
    row("POST", "/county/windows", "/county/windows", Only(&["county"])),
    row("POST", "/county/windows/extend", "/county/windows/extend", Only(&["county"])),
    row("GET", "/county/calendar", "/county/calendar", Only(&["county"])),
    row("POST", "/county/calendar", "/county/calendar", Only(&["county"])),
    row("POST", "/county/calendar/remove", "/county/calendar/remove", Only(&["county"])),
    row("POST", "/county/calendar/year", "/county/calendar/year", Only(&["county"])),
    row("POST", "/county/calendar/term", "/county/calendar/term", Only(&["county"])),
    row("POST", "/county/calendar/term/move", "/county/calendar/term/move", Only(&["county"])),
    row("GET", "/class/{class}/voices", "/class/{class}/voices", HOMEROOM),
    row("GET", "/class/{class}/{term}/voices", "/class/{class}/{term}/voices", HOMEROOM),
    row("POST", "/class/{class}/voices/draw", "/class/{class}/voices/draw", HOMEROOM),
    row("GET", "/class/{class}/indicators", "/class/{class}/indicators", HOMEROOM),
    row("POST", "/class/{class}/{term}/indicators", "/class/{class}/{term}/indicators", HOMEROOM),
    row("GET", "/subject/{class}/indicators", "/subject/{class}/indicators", TEACHERS),
    row("POST", "/subject/{class}/{term}/indicators", "/subject/{class}/{term}/indicators", TEACHERS),
    row("GET", "/child/{student}/self", "/child/{li}/self", FAMILY),
    row("POST", "/child/{student}/self", "/child/{li}/self", Only(&["li-pupil"])),
    row("POST", "/child/{student}/self/confirm", "/child/{li}/self/confirm", Only(&["li-pupil"])),
    row("GET", "/child/{student}/peers", "/child/{li}/peers", Only(&["li-pupil"])),
    row("POST", "/child/{student}/peers", "/child/{li}/peers", Only(&["li-pupil"])),
    row("GET", "/class/{class}/selection", "/class/{class}/selection", HOMEROOM),
    row("POST", "/class/{class}/selection/{student}/open", "/class/{class}/selection/{li}/open", Only(&["lin", "dep"])),
    row("GET", "/child/{student}/selection", "/child/{li}/selection", FAMILY),
    row("POST", "/child/{student}/selection", "/child/{li}/selection", Only(&["li-pupil"])),
    row("GET", "/child/{student}/view", "/child/{li}/view", Only(&["li-parent"])),
    row("POST", "/child/{student}/view", "/child/{li}/view", Only(&["li-parent"])),
    row("GET", "/child/{student}", "/child/{li}", FAMILY),
    row("GET", "/child/{student}/learning", "/child/{li}/learning", FAMILY),
    row("GET", "/child/{student}/report.pdf", "/child/{li}/report.pdf", FAMILY),
    row("GET", "/child/{student}/portfolio.pdf", "/child/{li}/portfolio.pdf", FAMILY),
    row("POST", "/child/{student}/message", "/child/{li}/message", FAMILY),
];

pub fn at(school: &School, example: &str) -> String {
    example
        .replace("{class}", &school.map.class.to_string())
        .replace("{li}", &school.map.li.to_string())
        .replace("{case}", &school.map.case.to_string())
        .replace("{term}", TERM)
}

#[actix_web::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let school = School::open();
    let report = async |tree: web::Data<IntrospectionTree>| HttpResponse::Ok().body(tree.report_as_json());
    let app = App::new()
        .app_data(web::Data::new(school.door.clone()))
        .route("/report-of-this-test", web::get().to(report))
        .configure(qinghe::site::routes);
    let app = test::init_service(app).await;
    let body = test::call_and_read_body(&app, test::TestRequest::get().uri("/report-of-this-test").to_request()).await;
    let report: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
    let mut routes = BTreeSet::new();
    for item in &report {
        for method in item["methods"].as_array().into_iter().flatten() {
            let path = item["full_path"].as_str().unwrap();
            let path = if path.is_empty() { "/" } else { path };
            routes.insert((method.as_str().unwrap().to_owned(), path.to_owned()));
        }
    }
    routes.retain(|(_, path)| path != "/report-of-this-test");
    let rows: BTreeSet<_> = WHO_MAY.iter().map(|r| (r.method.to_owned(), r.pattern.to_owned())).collect();
    assert_eq!(rows.len(), WHO_MAY.len(), "a row stands twice");
    let differ: Vec<_> = routes.symmetric_difference(&rows).collect();
    assert!(differ.is_empty(), "a route without a row, or a row without a route: {differ:?}");
}

async fn ask(person: &crate::support::Person<'_>, row: &Row, path: &str) -> crate::support::Answer {
    if row.method == "GET" { person.get(path).await } else { person.post(path, &[]).await }
}

#[actix_web::test]
async fn nobody_else_gets_in() {
    let school = School::open();
    for login in PEOPLE {
        let person = school.sign_in(login).await;
        let missing = person.get("/there-is-no-such-page").await;
        assert_eq!(missing.status, 404);
        for row in WHO_MAY {
            let Only(who) = row.who else { continue };
            if who.contains(login) {
                continue;
            }
            let answer = ask(&person, row, &at(&school, row.example)).await;
            let what = format!("{} {} as {login}", row.method, row.pattern);
            assert_eq!(answer.status, 404, "{what}");
            assert_eq!(answer.text, missing.text, "{what}: what is not yours looks like what is not there");
        }
    }
}

#[actix_web::test]
async fn those_who_may_get_in_and_signed_out_nobody_does() {
    let school = School::open();
    for row in WHO_MAY {
        let path = at(&school, row.example);
        let out = ask(&school.visitor(), row, &path).await;
        match row.who {
            Anyone => assert!(!out.location.starts_with("/sign-in?"), "{} {}", row.method, row.pattern),
            _ => assert!(out.location.starts_with("/sign-in?"), "{} {}: {}", row.method, row.pattern, out.status),
        }
        let who: &[&str] = match row.who {
            Only(who) => who,
            _ => &["lin"],
        };
        for login in who
            .iter()
            .filter(|_| row.method == "GET" && !row.pattern.contains("{token}") && !row.pattern.contains("{code}"))
        {
            let answer = school.sign_in(login).await.get(&path).await;
            // What is printed is not there before it is signed or sealed.
            // Nor is a record that nobody wrote, or an objection nobody raised.
            let nothing_yet = row.pattern.starts_with("/office/print/")
                || row.pattern.ends_with("/{term}.zip")
                || row.pattern.contains("{handover}")
                || row.pattern.ends_with(".pdf")
                || row.pattern.contains("/evidence/")
                || row.pattern.contains("/photos/")
                // Ping's case serves no objection to the end of junior high.
                || row.pattern == "/case/{case}/graduation"
                || row.pattern.ends_with("{activity}")
                || row.pattern.ends_with("{objection}")
                || row.pattern.contains("/versions/");
            assert!(
                matches!(answer.status, 200 | 303) || nothing_yet && answer.status == 404,
                "{} as {login}: {}",
                row.pattern,
                answer.status
            );
        }
    }
}

#[actix_web::test]
async fn an_address_with_ids_of_another_school_is_not_found() {
    let school = School::open();
    let (lin, lin2) = (school.sign_in("lin").await, school.sign_in("lin2").await);
    let map = &school.map;
    for (person, class, student) in [
        (&lin, map.far_class, map.yu),
        (&lin2, map.class, map.li),
        (&lin, map.class, map.yu),
        (&lin, map.other_class, map.zhao),
    ] {
        assert_eq!(person.get(&format!("/class/{class}/student/{student}")).await.status, 404);
        assert_eq!(person.get(&format!("/child/{student}")).await.status, 404);
    }
}
