"""The one table: every class and property of DCAT-AP.de 3.0 (spec, 2024-12-12), a fact a row.

`federation.dcat.schema` reads it; nothing else does. A row is
`row(property, range, rule, German label, English label, vocabulary, instead=)`:

- range: a value kind (`literal`, `temporal`, `decimal`, `nonNegativeInteger`, `duration`, `hexBinary`, `typed`, `iri`) or a
  class. A class with rows of its own below makes the value a node that is described; any other class makes it an address ("iri").
- rule: obligation M mandatory, R recommended, O optional, D deprecated (read, never written), A not listed by DCAT-AP.de for
  this class but allowed by DCAT, FOAF or OWL-Time; how many (`1`, `1..*`, `0..1`, `*`); DE where DCAT-AP.de added or changed it
  against DCAT-AP 3.0.0.
- vocabulary: name of a `federation.vocabulary` whose codes are the only right values.
- instead: what replaces a deprecated property.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One property of one class, as written below."""

    property: str
    range: str
    rule: str
    de: str
    en: str
    vocabulary: str = ""
    instead: str = ""


class Block(NamedTuple):
    """One class: its labels, what it is a subclass of, which other type names mean the same, and its rows."""

    name: str
    de: str
    en: str
    parent: str
    aliases: tuple[str, ...]
    rows: tuple[Row, ...]


row = Row

# What any dcat:Resource may carry (DCAT 3, section 6.4) although DCAT-AP.de lists it for no class or for another one only.
RESOURCE = (
    row("dcterms:title", "literal", "A *", "Titel", "title"),
    row("dcterms:description", "literal", "A *", "Beschreibung", "description"),
    row("dcterms:publisher", "foaf:Agent", "A 0..1", "Herausgeber", "publisher"),
    row("dcterms:creator", "foaf:Agent", "A *", "Urheber", "creator"),
    row("dcterms:contributor", "foaf:Agent", "A * DE", "Mitwirkende", "contributor"),
    row("dcat:contactPoint", "vcard:Kind", "A *", "Kontakt", "contact point"),
    row("dcat:keyword", "literal", "A *", "Schlagwort", "keyword"),
    row("dcat:theme", "skos:Concept", "A *", "Kategorie", "theme", "theme"),
    row("dcterms:identifier", "literal", "A *", "Kennung", "identifier"),
    row("adms:identifier", "adms:Identifier", "A *", "weitere Kennung", "other identifier"),
    row("dcterms:issued", "temporal", "A 0..1", "Veröffentlicht am", "date of release"),
    row("dcterms:modified", "temporal", "A 0..1", "Geändert am", "date of modification"),
    row("dcterms:language", "dcterms:LinguisticSystem", "A *", "Sprache", "language", "language"),
    row("dcterms:type", "skos:Concept", "A *", "Art", "type"),
    row("dcterms:license", "dcterms:LicenseDocument", "A *", "Lizenz", "licence", "licence"),
    row("dcterms:rights", "dcterms:RightsStatement", "A *", "Nutzungsbedingungen", "rights"),
    row("dcterms:accessRights", "dcterms:RightsStatement", "A 0..1", "Zugangsrechte", "access rights", "access-right"),
    row("odrl:hasPolicy", "odrl:Policy", "A *", "Regelwerk (ODRL)", "policy"),
    row("dcterms:conformsTo", "dcterms:Standard", "A *", "Konform zu", "conforms to"),
    row("dcterms:spatial", "dcterms:Location", "A *", "Räumliche Abdeckung", "spatial coverage"),
    row("dcterms:relation", "iri", "A *", "Verwandte Ressource", "related resource"),
    row("dcterms:isReferencedBy", "iri", "A *", "Erwähnt in", "is referenced by"),
    row("dcterms:references", "iri", "A * DE", "Verweist auf", "references"),
    row("dcterms:hasPart", "iri", "A *", "Besteht aus", "has part"),
    row("dcterms:isPartOf", "iri", "A *", "Teil von", "is part of"),
    row("dcterms:replaces", "iri", "A *", "Ersetzt", "replaces"),
    row("dcterms:isReplacedBy", "iri", "A *", "Ersetzt durch", "is replaced by"),
    row("dcat:landingPage", "foaf:Document", "A *", "Webseite beim Anbieter", "landing page"),
    row("foaf:page", "foaf:Document", "A *", "Dokumentation", "documentation"),
    row("dcat:qualifiedRelation", "dcat:Relationship", "A *", "Beziehung", "qualified relation"),
    row("prov:qualifiedAttribution", "prov:Attribution", "A *", "Zuschreibung", "qualified attribution"),
    row("dcat:version", "literal", "A 0..1", "Version", "version"),
    row("adms:versionNotes", "literal", "A *", "Versionshinweise", "version notes"),
    row("adms:status", "skos:Concept", "A *", "Status", "status"),
    row("dcat:hasVersion", "iri", "A *", "Hat Version", "has version"),
    row("dcat:isVersionOf", "iri", "A *", "Version von", "is version of"),
    row("dcat:previousVersion", "iri", "A *", "Vorige Version", "previous version"),
    row("dcat:hasCurrentVersion", "iri", "A *", "Aktuelle Version", "current version"),
    row("dcat:first", "iri", "A *", "Erster der Reihe", "first in series"),
    row("dcat:last", "iri", "A *", "Letzter der Reihe", "last in series"),
    row("dcat:prev", "iri", "A *", "Vorheriger der Reihe", "previous in series"),
    row("dcatap:hvdCategory", "skos:Concept", "A *", "Kategorie hochwertiger Datensätze", "HVD category", "hvd-category"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "A * DE", "Rechtsgrundlage", "applicable legislation"),
    row("dcatap:availability", "skos:Concept", "A 0..1 DE", "Verfügbarkeit", "availability", "availability"),
)  # fmt: skip

# What a node of any class may carry.
EVERYWHERE = (
    row("rdf:type", "iri", "A *", "Klasse", "class"),
    row("rdfs:label", "literal", "A *", "Bezeichnung", "label"),
    row("rdfs:seeAlso", "iri", "A *", "Siehe auch", "see also"),
    row("skos:prefLabel", "literal", "A *", "Bezeichnung", "preferred label"),
    row("skos:inScheme", "iri", "A *", "Vokabular", "in scheme"),
)  # fmt: skip

CATALOG = Block("dcat:Catalog", "Katalog", "Catalog", "dcat:Dataset", (), (
    row("dcterms:title", "literal", "M 1..*", "Titel", "title"),
    row("dcterms:description", "literal", "M 1..*", "Beschreibung", "description"),
    row("dcterms:publisher", "foaf:Agent", "M 1 DE", "Herausgeber", "publisher"),
    row("dcterms:issued", "temporal", "R 0..1", "Veröffentlicht am", "date of release"),
    row("dcterms:modified", "temporal", "R 0..1", "Geändert am", "date of modification"),
    row("dcterms:language", "dcterms:LinguisticSystem", "R *", "Sprache", "language", "language"),
    row("foaf:homepage", "foaf:Document", "R 0..1", "Startseite", "homepage"),
    row("dcterms:license", "dcterms:LicenseDocument", "R 0..1", "Lizenz der Metadaten", "licence of the metadata", "licence"),
    row("dcat:themeTaxonomy", "skos:ConceptScheme", "R *", "Kategoriensystem", "theme taxonomy"),
    row("dcatap:availability", "skos:Concept", "R 0..1 DE", "Verfügbarkeit", "availability", "availability"),
    row("dcterms:spatial", "dcterms:Location", "R *", "Räumliche Abdeckung", "spatial coverage"),
    row("dcat:dataset", "dcat:Dataset", "R *", "Datensatz", "dataset"),
    row("dcterms:rights", "dcterms:RightsStatement", "O 0..1", "Nutzungsbedingungen", "rights"),
    row("dcat:catalog", "dcat:Catalog", "O *", "Teilkatalog", "catalog"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "O * DE", "Rechtsgrundlage", "applicable legislation"),
    row("dcat:service", "dcat:DataService", "O *", "Datendienst", "service"),
    row("dcterms:hasPart", "dcat:Catalog", "O *", "Enthält Katalog", "has part"),
    row("dcterms:isPartOf", "dcat:Catalog", "O 0..1 DE", "Teil des Katalogs", "is part of"),
    row("dcat:record", "dcat:CatalogRecord", "O * DE", "Katalogeintrag", "record"),
    row("dcterms:creator", "foaf:Agent", "O *", "Urheber", "creator"),
))  # fmt: skip

DATASET = Block("dcat:Dataset", "Datensatz", "Dataset", "dcat:Resource", (), (
    row("dcterms:title", "literal", "M 1..*", "Titel", "title"),
    row("dcterms:description", "literal", "M 1..*", "Beschreibung", "description"),
    row("dcterms:publisher", "foaf:Agent", "M 1 DE", "Herausgeber", "publisher"),
    row("dcat:keyword", "literal", "R *", "Schlagwort", "keyword"),
    row("dcatde:politicalGeocodingLevelURI", "iri", "R * DE", "Verwaltungsebene", "geocoding level", "geocoding-level"),
    row("dcatde:politicalGeocodingURI", "iri", "D * DE", "Verwaltungsgebiet", "political geocoding", instead="dcterms:spatial"),
    row("dcat:theme", "skos:Concept", "R *", "Kategorie", "theme", "theme"),
    row("dcatap:availability", "skos:Concept", "R 0..1 DE", "Verfügbarkeit", "availability", "availability"),
    row("dcterms:spatial", "dcterms:Location", "R * DE", "Räumliche Abdeckung", "spatial coverage"),
    row("dcterms:temporal", "dcterms:PeriodOfTime", "R *", "Zeitliche Abdeckung", "temporal coverage"),
    row("dcat:distribution", "dcat:Distribution", "R *", "Distribution", "distribution"),
    row("dcat:contactPoint", "vcard:Kind", "R *", "Kontakt", "contact point"),
    row("dcatde:contributorID", "iri", "O * DE", "Datenbereitsteller-ID", "contributor ID", "contributor"),
    row("dcatde:geocodingDescription", "literal", "D * DE", "Beschreibung des Gebiets", "geocoding description"),
    row("dcterms:identifier", "literal", "O *", "Kennung", "identifier"),
    row("adms:identifier", "adms:Identifier", "O *", "weitere Kennung", "other identifier"),
    row("dcterms:issued", "temporal", "O 0..1", "Veröffentlicht am", "date of release"),
    row("dcterms:modified", "temporal", "O 0..1", "Geändert am", "date of modification"),
    row("dcat:version", "literal", "O 0..1", "Version", "version"),
    row("owl:versionInfo", "literal", "D 0..1", "Versionsangabe", "version info", instead="dcat:version"),
    row("adms:versionNotes", "literal", "O *", "Versionshinweise", "version notes"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "O * DE", "Rechtsgrundlage", "applicable legislation"),
    row("dcatde:legalBasis", "literal", "D * DE", "Zugangseröffnung", "legal basis", instead="dcatap:applicableLegislation"),
    row("dcterms:relation", "iri", "O *", "Verwandte Ressource", "related resource"),
    row("dcat:landingPage", "foaf:Document", "O *", "Webseite beim Anbieter", "landing page"),
    row("foaf:page", "foaf:Document", "O *", "Dokumentation", "documentation"),
    row("dcterms:language", "dcterms:LinguisticSystem", "O *", "Sprache", "language", "language"),
    row("dcterms:conformsTo", "dcterms:Standard", "O *", "Konform zu", "conforms to"),
    row("dcterms:accessRights", "dcterms:RightsStatement", "O 0..1", "Zugangsrechte", "access rights", "access-right"),
    row("dcterms:provenance", "dcterms:ProvenanceStatement", "O * DE", "Herkunft", "provenance"),
    row("dcterms:accrualPeriodicity", "dcterms:Frequency", "O 0..1", "Aktualisierung", "update frequency", "frequency"),
    row("dcatde:qualityProcessURI", "iri", "D 0..1 DE", "Qualitätssicherung", "quality process"),
    row("dcterms:type", "skos:Concept", "O *", "Art des Datensatzes", "type of dataset", "dataset-type"),
    row("prov:wasGeneratedBy", "prov:Activity", "O * DE", "Entstanden durch", "was generated by"),
    row("dcat:spatialResolutionInMeters", "decimal", "O 0..1 DE", "Räumliche Auflösung in Metern", "resolution in metres"),
    row("dcat:temporalResolution", "duration", "O 0..1", "Zeitliche Auflösung", "temporal resolution"),
    row("prov:qualifiedAttribution", "prov:Attribution", "O *", "Zuschreibung", "qualified attribution"),
    row("dcat:qualifiedRelation", "dcat:Relationship", "O *", "Beziehung", "qualified relation"),
    row("dcterms:isReferencedBy", "iri", "O *", "Erwähnt in", "is referenced by"),
    row("dcterms:references", "iri", "O * DE", "Verweist auf (Musterdatenkatalog)", "references"),
    row("dcterms:source", "dcat:Dataset", "O *", "Ausgangsdatensatz", "source"),
    row("dcat:hasVersion", "dcat:Dataset", "O *", "Hat Version", "has version"),
    row("dcterms:hasVersion", "dcat:Dataset", "D *", "Hat Version (alt)", "has version (old)", instead="dcat:hasVersion"),
    row("dcterms:isVersionOf", "dcat:Dataset", "D *", "Version von (alt)", "is version of (old)", instead="dcat:isVersionOf"),
    row("adms:sample", "dcat:Distribution", "O *", "Beispiel", "sample"),
    row("dcterms:creator", "foaf:Agent", "O *", "Urheber", "creator"),
    row("dcterms:contributor", "foaf:Agent", "O * DE", "Mitwirkende", "contributor"),
    row("dcatde:originator", "foaf:Agent", "D * DE", "Urheber (alt)", "originator (old)", instead="geodcatap:originator"),
    row("geodcatap:originator", "foaf:Agent", "O * DE", "Urheber der Daten", "originator"),
    row("dcatde:maintainer", "foaf:Agent", "D * DE", "Datenpflege (alt)", "maintainer (old)", instead="geodcatap:custodian"),
    row("geodcatap:custodian", "foaf:Agent", "O * DE", "Datenpflege", "custodian"),
    row("dcat:inSeries", "dcat:DatasetSeries", "O *", "Teil der Reihe", "in series"),
))  # fmt: skip

DATA_SERVICE = Block("dcat:DataService", "Datendienst", "Data service", "dcat:Resource", (), (
    row("dcat:endpointURL", "iri", "M 1..*", "Adresse des Dienstes", "endpoint URL"),
    row("dcterms:title", "literal", "M 1..*", "Titel", "title"),
    row("dcterms:publisher", "foaf:Agent", "M 1 DE", "Herausgeber", "publisher"),
    row("dcat:endpointDescription", "iri", "R *", "Beschreibung der Schnittstelle", "endpoint description"),
    row("dcatap:availability", "skos:Concept", "R 0..1 DE", "Verfügbarkeit", "availability", "availability"),
    row("dcat:servesDataset", "dcat:Dataset", "R *", "Stellt bereit", "serves dataset"),
    row("dcterms:description", "literal", "O *", "Beschreibung", "description"),
    row("dcterms:license", "dcterms:LicenseDocument", "O 0..1", "Lizenz", "licence", "licence"),
    row("dcterms:accessRights", "dcterms:RightsStatement", "O 0..1", "Zugangsrechte", "access rights", "access-right"),
    row("dcterms:format", "dcterms:MediaTypeOrExtent", "O *", "Format", "format", "file-type"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "O * DE", "Rechtsgrundlage", "applicable legislation"),
))  # fmt: skip

DATASET_SERIES = Block("dcat:DatasetSeries", "Datensatzreihe", "Dataset series", "dcat:Dataset", (), (
    row("dcterms:title", "literal", "M 1..*", "Titel", "title"),
    row("dcterms:description", "literal", "M 1..*", "Beschreibung", "description"),
    row("dcterms:publisher", "foaf:Agent", "M 1 DE", "Herausgeber", "publisher"),
    row("dcterms:spatial", "dcterms:Location", "R *", "Räumliche Abdeckung", "spatial coverage"),
    row("dcterms:temporal", "dcterms:PeriodOfTime", "R *", "Zeitliche Abdeckung", "temporal coverage"),
    row("dcat:contactPoint", "vcard:Kind", "R *", "Kontakt", "contact point"),
    row("dcterms:accrualPeriodicity", "dcterms:Frequency", "O 0..1", "Aktualisierung", "update frequency", "frequency"),
    row("dcterms:issued", "temporal", "O 0..1", "Veröffentlicht am", "date of release"),
    row("dcterms:modified", "temporal", "O 0..1", "Geändert am", "date of modification"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "O *", "Rechtsgrundlage", "applicable legislation"),
))  # fmt: skip

DISTRIBUTION = Block("dcat:Distribution", "Distribution", "Distribution", "", (), (
    row("dcat:accessURL", "iri", "M 1..*", "Zugangs-Adresse", "access URL"),
    row("dcterms:license", "dcterms:LicenseDocument", "M 1 DE", "Lizenz", "licence", "licence"),
    row("dcterms:title", "literal", "R * DE", "Titel", "title"),
    row("dcterms:modified", "temporal", "R 0..1 DE", "Geändert am", "date of modification"),
    row("dcterms:format", "dcterms:MediaTypeOrExtent", "R 0..1", "Format", "format", "file-type"),
    row("dcatap:availability", "skos:Concept", "R 0..1", "Verfügbarkeit", "availability", "availability"),
    row("dcatde:licenseAttributionByText", "literal", "O * DE", "Namensnennung", "attribution text"),
    row("dcterms:description", "literal", "O * DE", "Beschreibung", "description"),
    row("dcat:byteSize", "nonNegativeInteger", "O 0..1", "Größe in Bytes", "size in bytes"),
    row("dcterms:issued", "temporal", "O 0..1", "Veröffentlicht am", "date of release"),
    row("dcat:downloadURL", "iri", "O *", "Download-Adresse", "download URL"),
    row("dcterms:language", "dcterms:LinguisticSystem", "O *", "Sprache", "language", "language"),
    row("foaf:page", "foaf:Document", "O *", "Dokumentation", "documentation"),
    row("dcterms:rights", "dcterms:RightsStatement", "O 0..1", "Nutzungsbedingungen", "rights"),
    row("dcterms:conformsTo", "dcterms:Standard", "O *", "Konform zu", "conforms to"),
    row("dcat:mediaType", "dcterms:MediaType", "O 0..1", "Medientyp", "media type", "media-type"),
    row("dcat:compressFormat", "dcterms:MediaType", "O 0..1", "Kompressionsformat", "compression format", "media-type"),
    row("dcat:packageFormat", "dcterms:MediaType", "O 0..1", "Paketformat", "packaging format", "media-type"),
    row("odrl:hasPolicy", "odrl:Policy", "O 0..1", "Regelwerk (ODRL)", "policy"),
    row("adms:status", "skos:Concept", "O 0..1", "Status", "status", "distribution-status"),
    row("dcat:spatialResolutionInMeters", "decimal", "O 0..1 DE", "Räumliche Auflösung in Metern", "resolution in metres"),
    row("dcat:temporalResolution", "duration", "O 0..1", "Zeitliche Auflösung", "temporal resolution"),
    row("dcatap:applicableLegislation", "eli:LegalResource", "O * DE", "Rechtsgrundlage", "applicable legislation"),
    row("dcat:accessService", "dcat:DataService", "O *", "Zugang über Dienst", "access service"),
    row("spdx:checksum", "spdx:Checksum", "O 0..1 DE", "Prüfsumme", "checksum"),
    row("dcterms:identifier", "literal", "A *", "Kennung", "identifier"),
))  # fmt: skip

PARTS = (
    Block("dcterms:PeriodOfTime", "Zeitraum", "Period of time", "", (), (
        row("dcat:startDate", "temporal", "R 0..1", "Beginn", "start date"),
        row("dcat:endDate", "temporal", "R 0..1", "Ende", "end date"),
        row("time:hasBeginning", "time:Instant", "O 0..1", "Beginn (OWL-Time)", "beginning"),
        row("time:hasEnd", "time:Instant", "O 0..1", "Ende (OWL-Time)", "end"),
    )),
    Block("time:Instant", "Zeitpunkt", "Instant", "", (), (
        row("time:inXSDDate", "temporal", "A 0..1", "Datum", "date"),
        row("time:inXSDDateTime", "temporal", "A 0..1", "Datum und Uhrzeit", "date and time"),
        row("time:inXSDDateTimeStamp", "temporal", "A 0..1", "Zeitstempel", "time stamp"),
        row("time:inXSDgYear", "temporal", "A 0..1", "Jahr", "year"),
        row("time:inXSDgYearMonth", "temporal", "A 0..1", "Monat", "month"),
    )),
    Block("dcterms:Location", "Ort", "Location", "", (), (
        row("dcat:bbox", "typed", "R 0..1", "Umgebendes Rechteck", "bounding box"),
        row("dcat:centroid", "typed", "R 0..1", "Mittelpunkt", "centroid"),
        row("locn:geometry", "locn:Geometry", "O 0..1", "Geometrie", "geometry"),
    )),
    Block("foaf:Agent", "Stelle", "Agent", "", (
        "foaf:Organization", "foaf:Person", "foaf:Group", "org:Organization", "prov:Agent",
    ), (
        row("foaf:name", "literal", "M 1..*", "Name", "name"),
        row("dcterms:type", "skos:Concept", "O 0..1", "Art der Stelle", "type", "publisher-type"),
        row("dcterms:identifier", "literal", "A *", "Kennung", "identifier"),
        row("foaf:homepage", "foaf:Document", "A *", "Startseite", "homepage"),
        row("foaf:mbox", "iri", "A *", "E-Mail", "e-mail"),
        row("foaf:phone", "iri", "A *", "Telefon", "telephone"),
    )),
    Block("vcard:Kind", "Kontakt", "Contact", "", ("vcard:Organization", "vcard:Individual", "vcard:Group", "vcard:Location"), (
        row("vcard:fn", "literal", "R 0..1 DE", "Name", "name"),
        row("vcard:hasEmail", "iri", "R * DE", "E-Mail", "e-mail"),
        row("vcard:hasURL", "iri", "R * DE", "Webseite oder Formular", "web page or form"),
        row("vcard:hasTelephone", "iri", "O * DE", "Telefon", "telephone"),
    )),
    Block("adms:Identifier", "Kennung", "Identifier", "", (), (
        row("skos:notation", "typed", "M 1", "Kennung", "notation"),
    )),
    Block("spdx:Checksum", "Prüfsumme", "Checksum", "", (), (
        row("spdx:algorithm", "spdx:ChecksumAlgorithm", "M 1 DE", "Verfahren", "algorithm", "hash"),
        row("spdx:checksumValue", "hexBinary", "M 1", "Wert", "value"),
    )),
    Block("dcat:CatalogRecord", "Katalogeintrag", "Catalog record", "", (), (
        row("dcterms:modified", "temporal", "M 1", "Geändert am", "date of modification"),
        row("foaf:primaryTopic", "dcat:Resource", "M 1", "Beschreibt", "primary topic"),
        row("dcterms:conformsTo", "dcterms:Standard", "R *", "Konform zu", "conforms to"),
        row("adms:status", "skos:Concept", "R 0..1 DE", "Status", "status"),
        row("dcterms:issued", "temporal", "R 0..1", "Aufgenommen am", "date of listing"),
        row("dcterms:title", "literal", "O *", "Titel", "title"),
        row("dcterms:description", "literal", "O *", "Beschreibung", "description"),
        row("dcterms:language", "dcterms:LinguisticSystem", "O *", "Sprache", "language", "language"),
        row("dcterms:source", "dcat:CatalogRecord", "O 0..1", "Ausgangseintrag", "source record"),
        row("dcterms:identifier", "literal", "A *", "Kennung", "identifier"),
    )),
    Block("dcat:Relationship", "Beziehung", "Relationship", "", (), (
        row("dcat:hadRole", "dcat:Role", "M 1..*", "Rolle", "role"),
        row("dcterms:relation", "iri", "M 1..*", "Verwandte Ressource", "related resource"),
    )),
    Block("prov:Attribution", "Zuschreibung", "Attribution", "", (), (
        row("dcat:hadRole", "dcat:Role", "M 1..* DE", "Rolle", "role"),
        row("prov:agent", "foaf:Agent", "M 1..* DE", "Stelle", "agent"),
    )),
)  # fmt: skip

TABLE = (CATALOG, DATASET, DATA_SERVICE, DATASET_SERIES, DISTRIBUTION, *PARTS)
