"""One tap to a map service's navigation: the point in that service's own datum, and never the name of the place."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.kernel.geo import wgs84_to_bd09, wgs84_to_gcj02


@dataclass(frozen=True)
class Way:
    """A link that opens one service's navigation."""

    word: str | Promise
    url: str


def ways_to(lon: float, lat: float) -> tuple[Way, ...]:
    """Links to Amap, Baidu, Tencent and the system's own maps. The point is WGS-84."""
    gcj_lon, gcj_lat = wgs84_to_gcj02(lon, lat)
    bd_lon, bd_lat = wgs84_to_bd09(lon, lat)
    amap = {"to": f"{gcj_lon:.6f},{gcj_lat:.6f}", "mode": "car", "coordinate": "gaode", "callnative": 1}
    baidu = {
        "destination": f"{bd_lat:.6f},{bd_lon:.6f}",
        "mode": "driving",
        "coord_type": "bd09ll",
        "output": "html",
        "src": "jiean",
    }
    tencent = {"type": "drive", "tocoord": f"{gcj_lat:.6f},{gcj_lon:.6f}", "referer": "jiean"}
    return (
        Way(_("高德地图"), f"https://uri.amap.com/navigation?{urlencode(amap)}"),
        Way(_("百度地图"), f"https://api.map.baidu.com/direction?{urlencode(baidu)}"),
        Way(_("腾讯地图"), f"https://apis.map.qq.com/uri/v1/routeplan?{urlencode(tencent)}"),
        Way(_("手机自带地图"), f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}"),
    )
