"""Looks at credentials and signed PDFs with PyJWT, jsonschema and pyHanko.

check.py clr JWKS FILE.jwt...   exit 0 when every one is signed by a key of the set and
                                is a CLR 2.0 credential as clr.schema.json asks
check.py pdf JWKS FILE.pdf...   exit 0 when every one is signed as a whole (PAdES) by a
                                key of the set and was not touched since

`--schemas DIR` before the files: also 1EdTech's own schemas, which may not be copied
into this project; DIR holds clr_v2p0/ and ob_v3p0/ as 1EdTech publishes them.
"""

import json
import pathlib
import sys

import jsonschema
import jwt

HERE = pathlib.Path(__file__).parent


def wrong(what):
    print(what)
    sys.exit(1)


def validator(path):
    return jsonschema.Draft201909Validator(
        json.loads(path.read_text()), format_checker=jsonschema.FormatChecker()
    )


def clr(jwks, files, schemas):
    keys = jwt.PyJWKSet.from_json(jwks.read_text())
    own = validator(HERE / "clr.schema.json")
    theirs = badge = None
    if schemas:
        theirs = validator(schemas / "clr_v2p0/clr_v2p0_clrcredential_schema.json")
        badge = validator(schemas / "ob_v3p0/ob_v3p0_achievementcredential_schema.json")
    for file in files:
        token = file.read_text()
        header = jwt.get_unverified_header(token)
        if sorted(header) != ["alg", "kid", "typ"]:
            wrong(f"{file}: the header says {header}")
        key = keys[header["kid"]]
        try:
            # The small county of the tests lives in a year of its own.
            claims = jwt.decode(token, key.key, algorithms=["ES256"], options={"verify_nbf": False})
        except jwt.PyJWTError as error:
            wrong(f"{file}: {error!r}")
        equal = [
            (claims["iss"], claims["issuer"]["id"]),
            (claims["jti"], claims["id"]),
            (claims["sub"], claims["credentialSubject"]["id"]),
        ]
        if any(one != other for one, other in equal):
            wrong(f"{file}: claims and credential disagree: {equal}")
        credential = {k: v for k, v in claims.items() if k not in ("iss", "jti", "sub", "nbf")}
        for schema in filter(None, (own, theirs)):
            for error in schema.iter_errors(credential):
                wrong(f"{file}: {error.json_path}: {error.message[:300]}")
        for child in credential["credentialSubject"]["verifiableCredential"]:
            for error in badge.iter_errors(child) if badge else ():
                wrong(f"{file}: {error.json_path}: {error.message[:300]}")
            achievement = child["credentialSubject"]["achievement"]
            levels = {
                description["id"]: {level["id"] for level in description["rubricCriterionLevel"]}
                for description in achievement["resultDescription"]
            }
            for result in child["credentialSubject"]["result"]:
                if result["achievedLevel"] not in levels.get(result["resultDescription"], ()):
                    wrong(f"{file}: {result} is not described in its achievement")
    print(f"{len(files)} credentials are genuine")


def pdf(jwks, files, _):
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    keys = jwt.PyJWKSet.from_json(jwks.read_text())
    pinned = [key.key.public_numbers() for key in keys.keys]
    for file in files:
        with open(file, "rb") as stream:
            signatures = PdfFileReader(stream).embedded_signatures
            if len(signatures) != 1:
                wrong(f"{file}: {len(signatures)} signatures")
            signature = signatures[0]
            if signature.sig_object["/SubFilter"] != "/ETSI.CAdES.detached":
                wrong(f"{file}: {signature.sig_object['/SubFilter']}")
            certificate: x509.Certificate = signature.signer_cert
            from cryptography.x509 import load_der_x509_certificate

            holder = load_der_x509_certificate(certificate.dump())
            if holder.public_key().public_numbers() not in pinned:
                wrong(f"{file}: signed by a key that is not in the set")
            trust = ValidationContext(trust_roots=[certificate], allow_fetching=False)
            status = validate_pdf_signature(signature, trust)
            if not (status.intact and status.valid and status.trusted and status.coverage.name == "ENTIRE_FILE"):
                wrong(f"{file}: {status.summary()} {status.coverage}")
    print(f"{len(files)} PDFs are signed as a whole")


def main():
    what, jwks, *rest = sys.argv[1:]
    schemas = None
    if rest and rest[0] == "--schemas":
        schemas, rest = pathlib.Path(rest[1]), rest[2:]
    if not rest:
        wrong("no files")
    {"clr": clr, "pdf": pdf}[what](pathlib.Path(jwks), [pathlib.Path(file) for file in rest], schemas)


main()
