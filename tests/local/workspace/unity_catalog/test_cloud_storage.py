"""URLs of cloud storage and the folders that stand in for them."""

import pytest
from minilake.errors import DatabricksError

from local.home import Home
from local.workspace.unity_catalog.cloud_storage import check_url, covers, disk_folder, overlap


@pytest.mark.parametrize("url", ["/etc", "s3:/x", "s3://a/../b", "", "s3://", None])
def test_an_invalid_url_is_refused(url):
    with pytest.raises(DatabricksError, match="is not a URL of cloud storage"):
        check_url(url)


def test_a_url_covers_itself_and_the_urls_below_it():
    assert covers("s3://b/landing", "s3://b/landing/")
    assert covers("s3://b/landing", "s3://b/landing/2019")
    assert not covers("s3://b/landing", "s3://b/landing2")
    assert not covers("s3://b/landing/2019", "s3://b/landing")
    assert overlap("s3://b/landing/2019", "s3://b/landing")


def test_the_folder_of_a_url_is_below_the_workspace(tmp_path):
    home = Home(tmp_path)

    assert disk_folder(home, "s3://b/landing") == home.workspace / "cloud" / "s3" / "b" / "landing"
