"""Drives an Azure Files endpoint with Microsoft's client for Python. Prints what it met, as one JSON object.

usage: azure-files-client.py SCENARIO ENDPOINT ACCOUNT KEY
"""
import base64
import datetime
import hashlib
import json
import sys

from azure.core.exceptions import HttpResponseError
from azure.storage.fileshare import (
    AccountSasPermissions,
    ContentSettings,
    FileSasPermissions,
    LinearRetry,
    ResourceTypes,
    ShareClient,
    ShareFileClient,
    ShareSasPermissions,
    ShareServiceClient,
    generate_account_sas,
    generate_file_sas,
    generate_share_sas,
)

SCENARIO, ENDPOINT, ACCOUNT, KEY = sys.argv[1:]
CREDENTIAL = {"account_name": ACCOUNT, "account_key": KEY}
# Refusals are what some scenarios are about: no second tries.
PLAIN = {"retry_total": 0}


def service(credential=None, **options):
    return ShareServiceClient(ENDPOINT, credential=credential or CREDENTIAL, **{**PLAIN, **options})


def refused(call):
    """The status and the code of what the service answers, or None when it does as it is told."""
    try:
        call()
    except HttpResponseError as error:
        return [error.status_code, str(getattr(error.error_code, "value", error.error_code))]
    return None


def soon(minutes=5):
    return datetime.datetime.utcnow() + datetime.timedelta(minutes=minutes)


def new_share(name):
    share = service().get_share_client(name)
    share.create_share()
    return share


def shares():
    client = service()
    client.create_share("first", metadata={"colour": "blue"}, quota=7)
    client.create_share("second")
    listed = list(client.list_shares(include_metadata=True))
    first = client.get_share_client("first")
    properties = first.get_share_properties()
    first.set_share_quota(9)
    first.set_share_metadata({"colour": "red"})
    again = first.get_share_properties()
    found = {
        "listed": [[each.name, each.metadata] for each in listed],
        "paged": [[each.name for each in page] for page in client.list_shares(results_per_page=1).by_page()],
        "quota": [properties.quota, again.quota],
        "metadata": [properties.metadata, again.metadata],
        "twice": refused(lambda: client.create_share("first")),
        "bad name": refused(lambda: client.create_share("No_Such-Name")),
        "missing": refused(client.get_share_client("third").get_share_properties),
    }
    client.delete_share("first")
    found["left"] = [each.name for each in client.list_shares()]
    return found


def directories():
    share = new_share("directories")
    top = share.create_directory("Top", metadata={"one": "1"})
    inner = top.create_subdirectory("in ner & ü")
    for name in ("b.txt", "a.txt", "C.txt"):
        top.upload_file(name, name.encode())
    return {
        "entries": [
            [each["name"], each["is_directory"], each.get("size")] for each in top.list_directories_and_files()
        ],
        "prefix": [each["name"] for each in top.list_directories_and_files(name_starts_with="c")],
        "other case": [each["name"] for each in share.get_directory_client("tOP").list_directories_and_files()],
        "metadata": top.get_directory_properties().metadata,
        "exists": [inner.exists(), share.get_directory_client("nowhere").exists()],
        "twice": refused(top.create_directory),
        "no parent": refused(share.get_directory_client("no/where").create_directory),
        "list missing": refused(lambda: list(share.get_directory_client("nowhere").list_directories_and_files())),
        "not empty": refused(top.delete_directory),
        "deleted": refused(inner.delete_directory),
    }


def files():
    share = new_share("files")
    content = bytes(index * 7 % 256 for index in range(9_500_000))
    file = share.get_file_client("large file #1.bin")
    settings = ContentSettings(content_type="image/png", content_md5=bytearray(hashlib.md5(content).digest()))
    file.upload_file(content, content_settings=settings, metadata={"one": "1"}, max_concurrency=2, validate_content=True)
    properties = file.get_file_properties()
    part = file.download_file(offset=4_194_300, length=10, validate_content=True)
    sparse = share.get_file_client("sparse")
    sparse.create_file(10 * 1024**3)
    sparse.upload_range(b"x" * 512, offset=5 * 1024**3, length=512)
    sparse.upload_range(b"y" * 1024, offset=0, length=1024)
    sparse.clear_range(offset=512, length=512)
    ranges = sparse.get_ranges()
    sparse.resize_file(3)
    small = share.get_file_client("small")
    small.upload_file(b"0123456789")
    empty = share.get_file_client("empty")
    empty.upload_file(b"")
    times = {"file_last_write_time": datetime.datetime(2001, 2, 3, 4, 5, 6, 789)}
    small.set_http_headers(ContentSettings(content_type="text/plain", cache_control="no-cache"), **times)
    shown = small.get_file_properties()
    small.set_http_headers(ContentSettings(content_language="de"))
    cleared = small.get_file_properties()
    return {
        "same": file.download_file(max_concurrency=2).readall() == content,
        "empty": [empty.download_file().readall().decode(), empty.get_file_properties().size],
        "size": properties.size,
        "type": properties.content_settings.content_type,
        "hash": base64.b64encode(properties.content_settings.content_md5).decode(),
        "expected hash": base64.b64encode(hashlib.md5(content).digest()).decode(),
        "metadata": properties.metadata,
        "part": part.readall() == content[4_194_300:4_194_310],
        "ranges": [[each["start"], each["end"]] for each in ranges],
        "resized": sparse.download_file().readall().decode(),
        "time": shown.last_write_time.isoformat(),
        "headers": [shown.content_settings.content_type, shown.content_settings.cache_control],
        "cleared": [cleared.content_settings.content_type, cleared.content_settings.content_language],
        "past the end": refused(lambda: small.upload_range(b"12345678901", offset=0, length=11)),
        "too large": refused(lambda: file.upload_range(b"x" * 4_194_305, offset=0, length=4_194_305)),
        "read past the end": refused(lambda: small.download_file(offset=10, length=1)),
        "missing": refused(share.get_file_client("missing").get_file_properties),
        "deleted": refused(small.delete_file),
        "gone": refused(small.delete_file),
    }


def moves():
    share = new_share("moves")
    share.create_directory("old")
    share.create_directory("target")
    file = share.get_file_client("old/file.txt")
    file.upload_file(b"content", metadata={"kept": "yes"})
    share.get_file_client("target/taken.txt").upload_file(b"other")
    copied = share.get_file_client("target/copy.txt")
    started = copied.start_copy_from_url(file.url)
    found = {
        "copy status": started["copy_status"],
        "copied": copied.download_file().readall().decode(),
        "copied metadata": copied.get_file_properties().metadata,
        "nothing to abort": refused(lambda: copied.abort_copy(started["copy_id"])),
        "taken": refused(lambda: file.rename_file("target/taken.txt")),
    }
    renamed = file.rename_file("target/taken.txt", overwrite=True)
    found["replaced"] = renamed.download_file().readall().decode()
    found["source"] = refused(file.get_file_properties)
    moved = share.get_directory_client("target").rename_directory("old/new name")
    found["moved"] = sorted(each["name"] for each in moved.list_directories_and_files())
    target = share.get_file_client("ranged")
    target.create_file(7)
    token = generate_file_sas(
        ACCOUNT, "moves", ["old", "new name", "copy.txt"], KEY, permission=FileSasPermissions(read=True), expiry=soon()
    )
    target.upload_range_from_url(
        share.get_file_client("old/new name/copy.txt").url + "?" + token, offset=0, length=7, source_offset=0
    )
    found["from url"] = target.download_file().readall().decode()
    return found


def leases():
    share = new_share("leases")
    file = share.get_file_client("leased")
    file.upload_file(b"content")
    lease = file.acquire_lease()
    found = {
        "state": file.get_file_properties().lease.state,
        "without": refused(file.delete_file),
        "twice": refused(file.acquire_lease),
        "with": refused(lambda: file.set_file_metadata({"one": "1"}, lease=lease)),
    }
    lease.release()
    found["released"] = refused(file.delete_file)
    return found


def pending():
    share = new_share("pending")
    file = share.get_file_client("source")
    file.upload_file(b"content")
    copied = share.get_file_client("copy")
    started = copied.start_copy_from_url(file.url)
    states = [copied.get_file_properties().copy.status for _ in range(3)]
    again = share.get_file_client("again")
    aborted = again.start_copy_from_url(file.url)
    again.abort_copy(aborted["copy_id"])
    return {
        "started": started["copy_status"],
        "states": states,
        "content": copied.download_file().readall().decode(),
        "aborted": again.get_file_properties().copy.status,
        "aborted size": again.get_file_properties().size,
    }


def keys():
    other = base64.b64encode(b"another key").decode()
    wrong = {"account_name": ACCOUNT, "account_key": other}
    nobody = {"account_name": "nobody", "account_key": KEY}
    return {
        "wrong key": refused(lambda: list(service(wrong).list_shares())),
        "wrong account": refused(lambda: list(service(nobody).list_shares())),
    }


def signatures():
    share = new_share("signatures")
    share.create_directory("dir")
    share.get_file_client("dir/file.txt").upload_file(b"content")
    share.get_file_client("other.txt").upload_file(b"other")

    def file(token, path="dir/file.txt"):
        return ShareFileClient(ENDPOINT, "signatures", path, credential=token, **PLAIN)

    def share_token(**options):
        return generate_share_sas(ACCOUNT, "signatures", KEY, **{"expiry": soon(), **options})

    def account_token(types, permission, **options):
        return generate_account_sas(ACCOUNT, KEY, types, permission, **{"expiry": soon(), **options})

    reading = share_token(permission=ShareSasPermissions(read=True, list=True))
    expired = share_token(permission=ShareSasPermissions(read=True), expiry=soon(-5))
    single = generate_file_sas(
        ACCOUNT, "signatures", ["dir", "file.txt"], KEY, permission=FileSasPermissions(read=True), expiry=soon()
    )
    objects = account_token(ResourceTypes(object=True), AccountSasPermissions(read=True, write=True))
    listing = account_token(ResourceTypes(service=True), AccountSasPermissions(list=True))
    secure = share_token(permission=ShareSasPermissions(read=True), protocol="https")
    elsewhere = share_token(permission=ShareSasPermissions(read=True), ip="10.0.0.1-10.0.0.9")
    here = share_token(permission=ShareSasPermissions(read=True), ip="127.0.0.0-127.0.0.9")
    read = lambda token, path="dir/file.txt": file(token, path).download_file().readall().decode()
    listed = ShareClient(ENDPOINT, "signatures", credential=reading, **PLAIN).list_directories_and_files("dir")
    return {
        "share": read(reading),
        "listed": [each["name"] for each in listed],
        "not to write": refused(lambda: file(reading).set_file_metadata({"one": "1"})),
        "expired": refused(lambda: read(expired)),
        "tampered": refused(lambda: read(reading.replace("sp=rl", "sp=rwl"))),
        "single": read(single),
        "another file": refused(lambda: read(single, "other.txt")),
        "account": read(objects),
        "account writes": refused(lambda: file(objects).set_file_metadata({"one": "1"})),
        "not to delete": refused(file(objects).delete_file),
        "no containers": refused(lambda: list(service(objects).list_shares())),
        "shares": [each.name for each in service(listing).list_shares()],
        "https only": refused(lambda: read(secure)),
        "elsewhere": refused(lambda: read(elsewhere)),
        "here": read(here),
    }


def throttled():
    """The client's own retries get through."""
    patience = LinearRetry(backoff=0, retry_total=2, random_jitter_range=0)
    client = ShareServiceClient(ENDPOINT, credential=CREDENTIAL, retry_policy=patience)
    share = client.get_share_client("throttled")
    share.create_share()
    return {"name": share.get_share_properties().name}


print(json.dumps(globals()[SCENARIO]()))
