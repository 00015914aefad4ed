"""Addresses of distributions and services: conventions 39 and 41 of DCAT-AP.de.

accessURL is mandatory. A pure download has it equal to its downloadURL (K39); a distribution that a service gives has the service's
endpoint (K41). Both are derived, and only where the source says no access address that is one.
"""

from federation.dcat.description import Description
from federation.terms import DCAT, Term

ACCESS = DCAT.accessURL
DOWNLOAD = DCAT.downloadURL
SERVICE = DCAT.accessService
_ENDPOINT = DCAT.endpointURL


def apply(description: Description, distribution: Term) -> None:
    """Gives a distribution the access address that its other statements imply."""
    properties = description.nodes[distribution]
    for term in properties.get(ACCESS, ()):
        if term[0] != '"':
            return
    endpoints = [
        term
        for service in properties.get(SERVICE, ())
        for term in description.values(service, _ENDPOINT)
        if term[0] == "<"
    ]  # fmt: skip
    if endpoints:
        description.derive(distribution, ACCESS, endpoints, "k41:endpoint")
        return
    downloads = [term for term in properties.get(DOWNLOAD, ()) if term[0] == "<"]
    if downloads:
        description.derive(distribution, ACCESS, downloads, "k39:download")
