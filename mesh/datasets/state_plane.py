"""Illinois' state plane: the coordinates in the City of Chicago's data."""

from math import cos, radians, sin, sqrt, tan

# NAD 1983, State Plane Illinois East (EPSG:3435): a transverse Mercator projection in US survey feet.
_AXIS, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_LATITUDE, _LONGITUDE = radians(36 + 2 / 3), radians(-(88 + 1 / 3))
_SCALE = 0.999975
_EASTING = 300_000.0
_FEET = 3937 / 1200  # per metre
_E2 = _FLATTENING * (2 - _FLATTENING)


def coordinates(latitude: float, longitude: float) -> tuple[int, int]:
    """Converts a position near Chicago to x and y, in feet.

    Args:
        latitude: degrees north.
        longitude: degrees east; negative in Chicago.

    Source: Snyder, "Map Projections: A Working Manual", equations 3-21, 8-9 and 8-10.
    """
    phi = radians(latitude)
    second = _E2 / (1 - _E2) * cos(phi) ** 2
    t, a = tan(phi) ** 2, (radians(longitude) - _LONGITUDE) * cos(phi)
    radius = _AXIS / sqrt(1 - _E2 * sin(phi) ** 2)
    east = a + (1 - t + second) * a**3 / 6 + (5 - 18 * t + t**2 + 72 * second) * a**5 / 120
    north = a**2 / 2 + (5 - t + 9 * second + 4 * second**2) * a**4 / 24
    x = _SCALE * radius * east + _EASTING
    y = _SCALE * (_meridian(phi) - _meridian(_LATITUDE) + radius * tan(phi) * north)
    return round(x * _FEET), round(y * _FEET)


def _meridian(phi: float) -> float:
    """The length of the meridian from the equator to a latitude, in metres.

    Args:
        phi: the latitude, in radians.
    """
    e4, e6 = _E2**2, _E2**3
    return _AXIS * (
        (1 - _E2 / 4 - 3 * e4 / 64 - 5 * e6 / 256) * phi
        - (3 * _E2 / 8 + 3 * e4 / 32 + 45 * e6 / 1024) * sin(2 * phi)
        + (15 * e4 / 256 + 45 * e6 / 1024) * sin(4 * phi)
        - (35 * e6 / 3072) * sin(6 * phi)
    )
