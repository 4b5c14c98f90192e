"""Uses Dropbox by the vendor's client for Python, and prints what it found as one JSON object.

usage: dropbox-python.py CA_FILE JSON; HTTPS_PROXY says where the vendor's hosts are. JSON holds tokens, ids and the app.
"""
import json
import sys
from datetime import datetime

import requests
from dropbox import Dropbox, DropboxOAuth2Flow, DropboxTeam, common, create_session, exceptions, files, sharing, team

CA_FILE, GIVEN = sys.argv[1], json.loads(sys.argv[2])


def session():
    return create_session(ca_certs=CA_FILE)


def client(**options):
    return Dropbox(session=session(), max_retries_on_error=0, max_retries_on_rate_limit=0, **options)


def refused(work):
    """What the call raised: its kind, and the tags of the error."""
    try:
        work()
    except exceptions.ApiError as error:
        return ["api", tags(error.error)]
    except exceptions.RateLimitError as error:
        return ["rate", tags(error.error.reason), error.backoff]
    except exceptions.PathRootError as error:
        return ["root", tags(error.error)]
    except exceptions.AuthError as error:
        return ["auth", tags(error.error)]
    except exceptions.BadInputError as error:
        return ["input", error.message]
    return None


def tags(error):
    found = []
    while hasattr(error, "_tag"):
        found.append(error._tag)
        error = error._value if error._value is not None else None
        error = getattr(error, "reason", error)
    return "/".join(found)


def everything(one, page):
    entries = list(page.entries)
    while page.has_more:
        page = one.files_list_folder_continue(page.cursor)
        entries += page.entries
    return entries, page.cursor


def working_with_files(one):
    time = datetime(2020, 1, 2, 3, 4, 5)
    made = one.files_upload(b"hello", "/Földer/emoji 😀.txt", client_modified=time)
    again = one.files_upload(b"hello again", made.id, mode=files.WriteMode.update(made.rev))
    one.files_create_folder_v2("/Földer/empty")
    entries, cursor = everything(one, one.files_list_folder("", recursive=True, limit=2))
    metadata, response = one.files_download("/földer/EMOJI 😀.TXT")
    one.files_copy_v2(made.path_lower, "/copy")
    one.files_move_v2("/Földer", "/moved")
    changes, _ = everything(one, one.files_list_folder_continue(cursor))
    polled = one.files_list_folder_longpoll(cursor)
    revisions = one.files_list_revisions("/moved/emoji 😀.txt", mode=files.ListRevisionsMode.id)
    one.files_delete_v2("/copy")
    link = one.files_get_temporary_link("/moved/emoji 😀.txt").link
    exported, document = one.files_export("/Notes.paper")
    return {
        "times": [made.client_modified == time, made.id == again.id, made.rev != again.rev],
        "recursive": [type(entry).__name__ for entry in entries],
        "read": [metadata.size, response.content.decode()],
        "part": requests.get(link, headers={"Range": "bytes=0-4"}, verify=CA_FILE, timeout=30).text,
        "changes": sorted(f"{type(entry).__name__} {entry.path_display}" for entry in changes),
        "polled": polled.changes,
        "revisions": len(revisions.entries),
        "deleted": type(one.files_get_metadata("/copy", include_deleted=True)).__name__,
        "exported": [exported.export_metadata.name, document.content.decode()],
    }


def uploading(one):
    def started(content, **options):
        return one.files_upload_session_start(content, **options).session_id

    def cursor(name, offset):
        return files.UploadSessionCursor(name, offset)

    single = started(b"one ")
    one.files_upload_session_append_v2(b"two ", cursor(single, 4))
    wrong = refused(lambda: one.files_upload_session_append_v2(b"x", cursor(single, 4)))
    whole = one.files_upload_session_finish(b"three", cursor(single, 8), files.CommitInfo("/whole"))
    unit = 4 * 1024 * 1024
    parallel = started(b"", session_type=files.UploadSessionType.concurrent)
    one.files_upload_session_append_v2(b"b" * 5, cursor(parallel, unit), close=True)
    missing = refused(
        lambda: one.files_upload_session_finish(b"", cursor(parallel, unit + 5), files.CommitInfo("/parallel"))
    )
    names = [started(text.encode(), close=True) for text in ("a", "b")]
    entries = [
        files.UploadSessionFinishArg(cursor(name, 1), files.CommitInfo(path))
        for name, path in zip(names, ("/batch", "/desktop.ini"))
    ]
    results = one.files_upload_session_finish_batch_v2(entries).entries
    return {
        "wrong": wrong,
        "whole": whole.size,
        "missing": missing,
        "batch": [
            result.get_success().name if result.is_success() else tags(result.get_failure()) for result in results
        ],
    }


def sharing_things(one):
    made = one.sharing_create_shared_link_with_settings("/whole")
    try:
        one.sharing_create_shared_link_with_settings("/whole")
        known = None
    except exceptions.ApiError as error:
        known = error.error.get_shared_link_already_exists().get_metadata().url == made.url
    links = one.sharing_list_shared_links("/whole", direct_only=True).links
    metadata, response = one.sharing_get_shared_link_file(made.url)
    folders = one.sharing_list_folders()
    mounted = one.sharing_mount_folder(folders.entries[0].shared_folder_id)
    received = one.sharing_list_received_files()
    return {
        "kind": [isinstance(made, sharing.FileLinkMetadata), made.link_permissions.resolved_visibility._tag],
        "known": known,
        "links": len(links),
        "read": [metadata.name, response.content.decode()],
        "folders": [entry.name for entry in folders.entries],
        "mounted": mounted.path_lower,
        "twice": refused(lambda: one.sharing_mount_folder(mounted.shared_folder_id)),
        "received": [[entry.name, entry.access_type._tag] for entry in received.entries],
    }


def refusals(one):
    return {
        "nothing": refused(lambda: one.files_get_metadata("/nothing")),
        "taken": refused(lambda: one.files_upload(b"other", "/whole")),
        "name": refused(lambda: one.files_upload(b"other", "/back\\slash")),
        "folder": refused(lambda: one.files_download("/moved")),
        "paper": refused(lambda: one.files_download("/Notes.paper")),
        "root": refused(lambda: one.files_list_folder("/")),
        "cursor": refused(lambda: one.files_list_folder_continue("none")),
        "token": refused(lambda: client(oauth2_access_token="sl.unknown").files_list_folder("")),
        "scope": refused(lambda: client(oauth2_access_token=GIVEN["limited"]).files_list_folder("")),
        "namespace": refused(lambda: one.with_path_root(common.PathRoot.namespace_id("999")).files_list_folder("")),
    }


def accounts(one):
    account = one.users_get_current_account()
    space = one.users_get_space_usage()
    return {
        "account": [account.email, type(account.root_info).__name__, account.account_type._tag],
        "space": [space.allocation.is_individual(), space.used > 0],
    }


def logging_in():
    """The flow with a proof key, then a client that renews by itself."""
    flow = DropboxOAuth2Flow(
        consumer_key=GIVEN["key"],
        redirect_uri="http://127.0.0.1:53682/",
        session={},
        csrf_token_session_key="token",
        use_pkce=True,
        token_access_type="offline",
        scope=["account_info.read", "files.metadata.read"],
        ca_certs=CA_FILE,
    )
    page = flow.start()
    sent = requests.post(page, data={"choice": "allow"}, allow_redirects=False, verify=CA_FILE, timeout=30)
    query = dict(requests.utils.unquote(pair).split("=", 1) for pair in sent.headers["location"].split("?")[1].split("&"))
    result = flow.finish(query)
    renewing = client(oauth2_refresh_token=result.refresh_token, app_key=GIVEN["key"])
    revoked = client(oauth2_refresh_token=GIVEN["revoked"], app_key=GIVEN["key"], app_secret=GIVEN["secret"])
    return {
        "scope": result.scope,
        "account": result.account_id == renewing.users_get_current_account().account_id,
        "revoked": refused(lambda: revoked.users_get_current_account()),
    }


def with_a_team():
    whole = DropboxTeam(GIVEN["team"], session=session(), max_retries_on_error=0)
    member = whole.team_members_get_info([team.UserSelectorArg.email("tami@example.com")])[0].get_member_info()
    hers = whole.as_user(member.profile.team_member_id)
    hers.files_upload(b"x", "/hers")
    info = hers.users_get_current_account().root_info
    root = hers.with_path_root(common.PathRoot.root(info.root_namespace_id))
    return {
        "root": [type(info).__name__, info.home_path],
        "inside": [entry.name for entry in root.files_list_folder("").entries],
        "path": root.files_get_metadata(f"{info.home_path}/hers").path_lower,
        "gone": refused(lambda: hers.with_path_root(common.PathRoot.root("999")).files_list_folder("")),
        "nobody": refused(lambda: whole.as_user("dbmid:nobody").files_list_folder("")),
    }


if "team" in GIVEN:
    found = {"team": with_a_team()}
else:
    user = client(oauth2_access_token=GIVEN["token"])
    found = {
        "files": working_with_files(user),
        "uploads": uploading(user),
        "sharing": sharing_things(user),
        "refusals": refusals(user),
        "accounts": accounts(user),
        "login": logging_in(),
        "limited": refused(user.users_get_space_usage),
    }
print(json.dumps(found))
