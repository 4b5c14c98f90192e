"""Writes files to a share of Azure Files, or tells what is in it, with Microsoft's client for Python.

usage: azure-files-interop.py write|tell ENDPOINT ACCOUNT KEY SHARE
`write` takes what to write from standard input: a JSON array of {path, content (Base64), modified (seconds), type}.
`tell` prints such an array, with the MD5 that is stored beside each file besides.
"""
import base64
import datetime
import hashlib
import json
import sys

from azure.core.exceptions import ResourceExistsError
from azure.storage.fileshare import ContentSettings, ShareClient

MODE, ENDPOINT, ACCOUNT, KEY, SHARE = sys.argv[1:]
share = ShareClient(ENDPOINT, SHARE, credential={"account_name": ACCOUNT, "account_key": KEY})


def make_parents(path):
    parts = path.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        try:
            share.create_directory("/".join(parts[:count]))
        except ResourceExistsError:
            pass


def write(path, content, modified, type):
    make_parents(path)
    data = base64.b64decode(content)
    settings = ContentSettings(content_type=type, content_md5=bytearray(hashlib.md5(data).digest()))
    # As text, since of a time without a fraction this client makes one that is none.
    moment = datetime.datetime.utcfromtimestamp(modified).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    file = share.get_file_client(path)
    file.upload_file(data, content_settings=settings, max_concurrency=2)
    # Each range that is put sets the time anew.
    file.set_http_headers(settings, file_last_write_time=moment)


def tell(directory):
    for entry in share.list_directories_and_files(directory):
        path = f"{directory}/{entry['name']}".lstrip("/")
        if entry["is_directory"]:
            yield from tell(path)
            continue
        file = share.get_file_client(path)
        properties = file.get_file_properties()
        data = file.download_file(validate_content=True, max_concurrency=2).readall()
        modified = properties.last_write_time
        if isinstance(modified, str):
            modified = datetime.datetime.fromisoformat(modified[:26].rstrip("Z"))
        yield {
            "path": path,
            "content": base64.b64encode(data).decode(),
            "modified": modified.replace(tzinfo=datetime.timezone.utc).timestamp(),
            "type": properties.content_settings.content_type,
            "md5": bytes(properties.content_settings.content_md5 or b"").hex(),
            "listed": entry["size"],
        }


if MODE == "write":
    for each in json.load(sys.stdin):
        write(**each)
else:
    print(json.dumps(list(tell(""))))
