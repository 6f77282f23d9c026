"""dicomweb-client stores, searches and retrieves, and gets back what pydicom reads from the files it sent."""
import io
import os
import subprocess
import tempfile

import numpy as np
import pydicom
from dicomweb_client.api import DICOMwebClient
from PIL import Image

from peer import DXA, ROOT, check, end, finish, free_port, wait_for

# A display image, a map of density, a structured report and a name in GB18030.
SCANS = ["07-hologic-spine.dcm", "12-bmd-map-dx.dcm", "09-sr-enhanced-hologic.dcm", "15-name-gb18030.dcm"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {
            "DXA_STORE__DATA": folder,
            "DXA_STORE__RESERVE_BYTES": "0",
            "DXA_HTTP__LISTEN": f"127.0.0.1:{port}",
            "DXA_DIMSE__LISTEN": f"127.0.0.1:{free_port()}",
        }
        service = subprocess.Popen([DXA, "serve"], env={**os.environ, **settings})
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", service)
            use(f"http://127.0.0.1:{port}/dicom-web")
        finally:
            end(service)
    finish("properties of DICOMweb answers")


def use(url):
    client = DICOMwebClient(url)
    sent = [pydicom.dcmread(ROOT / "test-scans" / name) for name in SCANS]
    answer = client.store_instances(sent)
    check(len(answer.ReferencedSOPSequence) == len(sent), "not every object is said to be stored")
    check("FailedSOPSequence" not in answer, "an object is said to have failed")
    for data in sent:
        check_study(client, data)
        check_instance(client, data)
    everything = client.search_for_studies(limit=100)
    check({study["0020000D"]["Value"][0] for study in everything} == {d.StudyInstanceUID for d in sent},
          "a search for all studies does not give the studies that were sent")
    pages = [client.search_for_studies(limit=1, offset=at)[0]["0020000D"]["Value"][0] for at in range(len(everything))]
    check(len(set(pages)) == len(everything), "pages repeat or leave out studies")
    check(client.search_for_studies(search_filters={"PatientID": "nobody at all"}) == [], "a search finds nobody")


def check_study(client, data):
    for keyword in ("PatientID", "StudyInstanceUID", "StudyDate", "AccessionNumber"):
        value = data.get(keyword, "")
        if not value:
            continue
        found = client.search_for_studies(search_filters={keyword: str(value)})
        uids = [study["0020000D"]["Value"][0] for study in found]
        check(data.StudyInstanceUID in uids, f"a search by {keyword} does not find the study")
    found = client.search_for_studies(search_filters={"StudyInstanceUID": data.StudyInstanceUID})
    check(len(found) == 1, "one UID, and not one study")
    study = pydicom.Dataset.from_json(found[0])
    decoded = pydicom.dcmread(io.BytesIO(written(data)))
    check(str(study.get("PatientName", "")) == str(decoded.get("PatientName", "")), "the name differs from pydicom's")
    series = client.search_for_series(data.StudyInstanceUID)
    check(data.SeriesInstanceUID in [one["0020000E"]["Value"][0] for one in series], "the series is not found")
    instances = client.search_for_instances(data.StudyInstanceUID, data.SeriesInstanceUID)
    check(data.SOPInstanceUID in [one["00080018"]["Value"][0] for one in instances], "the instance is not found")


def check_instance(client, data):
    uids = (data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID)
    back = client.retrieve_instance(*uids)
    check(back == data, "the object comes back changed")
    whole = client.retrieve_study(data.StudyInstanceUID)
    check(data.SOPInstanceUID in [one.SOPInstanceUID for one in whole], "the study comes without the object")
    metadata = pydicom.Dataset.from_json(client.retrieve_instance_metadata(*uids), bulk_data_uri_handler=lambda *_: None)
    for element in data:
        if element.keyword in ("PixelData", "SpecificCharacterSet") or element.VR in ("SQ", "OB", "OW", "UN"):
            continue
        check(element.tag in metadata and same(metadata[element.tag].value, element.value),
              f"metadata of {element.tag} {element.VR} differs")
    if "PixelData" not in data or data.get("SamplesPerPixel", 1) != 1:
        return
    frame = client.retrieve_instance_frames(*uids, frame_numbers=[1])[0]
    stored = data.pixel_array
    check(np.array_equal(np.frombuffer(frame, stored.dtype).reshape(stored.shape), stored), "a frame differs")
    picture = Image.open(io.BytesIO(client.retrieve_instance_rendered(*uids, media_types=("image/png",))))
    check(picture.size == (data.Columns, data.Rows), "the rendered image has another size")


def same(ours, theirs):
    if isinstance(theirs, (pydicom.multival.MultiValue, list)):
        ours = ours if isinstance(ours, (pydicom.multival.MultiValue, list)) else [ours]
        return len(ours) == len(theirs) and all(same(a, b) for a, b in zip(ours, theirs))
    if isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
        return abs(float(ours) - float(theirs)) <= 1e-9 * max(1.0, abs(float(theirs)))
    return str(ours or "").strip() == str(theirs or "").strip()


def written(data):
    out = io.BytesIO()
    data.save_as(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
