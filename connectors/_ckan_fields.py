"""What each CKAN field means in DCAT-AP.de: the tables that `_ckan_map` works by.

Field names come from CKAN itself, from the extensions that write DCAT into extras or schemas (ckanext-dcat with its profiles
euro_dcat_ap, _2 and _3, ckanext-dcatde, ckanext-spatial, ckanext-fluent, ckanext-scheming), from the OGD metadata structure that German
portals used before DCAT-AP.de (2012 to 2018), and from portals with a schema of their own (Zürich, opendata.swiss, EnviDat, Berlin).

A table maps a field to (way, property): the way says how the value is read, see `_ckan_map.WAYS`. PARTS maps fields that make up one
thing together (a publisher, a place) to (thing, part). TECHNICAL fields are the portal's own bookkeeping: they say nothing about the data.
"""

from typing import TypeAlias

Field: TypeAlias = tuple[str, str]

LANGUAGES = ("de", "en", "fr", "it", "es", "pl", "cs", "da", "nl", "sv", "hsb", "dsb", "rm", "tr", "uk", "ru", "ar")


def _ways(way: str, fields: str) -> dict[str, Field]:
    """`field, field2 > property` a line -> {field: (way, property)}."""
    found: dict[str, Field] = {}
    for line in fields.strip().splitlines():
        names, _, prop = line.partition(">")
        found |= {name.strip(): (way, prop.strip()) for name in names.split(",")}
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _by_language(*fields: str) -> dict[str, Field]:
    """`title_de`, `notes_en` ...: one field for each language."""
    table = {field: DATASET.get(field) or DISTRIBUTION[field] for field in fields}
    return {f"{field}_{language}": (f"text {language}", prop) for field, (_, prop) in table.items() for language in LANGUAGES}


DATASET: dict[str, Field] = {
    **_ways("text", """
        title, title_translated > dcterms:title
        notes, notes_translated, description, description_translated, description_text > dcterms:description
        version_notes > adms:versionNotes
        subtitle > dcterms:alternative
        sszBemerkungen, dataQuality > rdfs:comment
    """),
    **_ways("texts", """
        legalbasisText, legalBasisText, legal_basis, legalInformation > dcatde:legalBasis
        geocodingText, geocodingDescription, geocoding_description > dcatde:geocodingDescription
        version, dcat_version > dcat:version
    """),
    **_ways("keywords", """
        tags, tags_translated, keywords, keyword, tag_string > dcat:keyword
    """),
    **_ways("groups", """
        groups, categories > dcat:theme
    """),
    **_ways("values", """
        theme, themes > dcat:theme
        frequency, accrual_periodicity, updateInterval, update_frequency, frequency-of-update > dcterms:accrualPeriodicity
        conforms_to > dcterms:conformsTo
        access_rights, accessRights > dcterms:accessRights
        applicable_legislation, applicableLegislation > dcatap:applicableLegislation
        hvd_category, hvd_categories, hvdCategory > dcatap:hvdCategory
        availability, plannedAvailability, planned_availability > dcatap:availability
        dcat_type, dataType > dcterms:type
        metadata_original_html, landing_page > dcat:landingPage
        documentation, page > foaf:page
        related_resource, relation, used_datasets, related_datasets > dcterms:relation
        is_referenced_by, related_publications > dcterms:isReferencedBy
        references > dcterms:references
        qualityProcessURI > dcatde:qualityProcessURI
        politicalGeocodingURI, political_geocoding_uri > dcatde:politicalGeocodingURI
        politicalGeocodingLevelURI, political_geocoding_level_uri, geographical_granularity > dcatde:politicalGeocodingLevelURI
        temporal_resolution, granularity > dcat:temporalResolution
        spatial_resolution_in_meters, spatial-resolution > dcat:spatialResolutionInMeters
        was_generated_by > prov:wasGeneratedBy
        see_alsos, see_also > rdfs:seeAlso
    """),
    **_ways("listed", """
        language, languages > dcterms:language
        contributorID, contributor_id > dcatde:contributorID
    """),
    **_ways("statement", """
        provenance, lineage > dcterms:provenance
        rights > dcterms:rights
    """),
    **_ways("datasets", """
        in_series > dcat:inSeries
        has_version > dcat:hasVersion
        is_version_of > dcat:isVersionOf
        source > dcterms:source
        sample > adms:sample
    """),
    **_ways("relations", """
        relations > dcterms:relation
    """),
    **_ways("qualified", """
        qualified_relation, qualified_relations > dcat:qualifiedRelation
    """),
    **_ways("landing", """
        url > dcat:landingPage
    """),
}  # fmt: skip

DISTRIBUTION: dict[str, Field] = {
    **_ways("text", """
        name, name_translated, title, title_translated > dcterms:title
        description, description_translated, notes > dcterms:description
    """),
    **_ways("texts", """
        licenseAttributionByText, license_attribution_by_text, attribution_text, attribution > dcatde:licenseAttributionByText
        identifier > dcterms:identifier
    """),
    **_ways("values", """
        access_url > dcat:accessURL
        download_url > dcat:downloadURL
        format > dcterms:format
        size, byte_size > dcat:byteSize
        status > adms:status
        conforms_to > dcterms:conformsTo
        documentation > foaf:page
        availability, plannedAvailability, planned_availability > dcatap:availability
        compress_format > dcat:compressFormat
        package_format > dcat:packageFormat
        applicable_legislation > dcatap:applicableLegislation
        temporal_resolution > dcat:temporalResolution
        spatial_resolution_in_meters > dcat:spatialResolutionInMeters
    """),
    **_ways("listed", """
        language > dcterms:language
    """),
    **_ways("statement", """
        rights > dcterms:rights
    """),
    **_ways("services", """
        access_services > dcat:accessService
    """),
}  # fmt: skip

SERVICE: dict[str, Field] = {
    **_ways("text", """
        title > dcterms:title
        description > dcterms:description
    """),
    **_ways("texts", """
        licenseAttributionByText > dcatde:licenseAttributionByText
    """),
    **_ways("values", """
        endpoint_url > dcat:endpointURL
        endpoint_description > dcat:endpointDescription
        license > dcterms:license
        access_rights > dcterms:accessRights
        availability > dcatap:availability
        applicable_legislation > dcatap:applicableLegislation
        hvd_category > dcatap:hvdCategory
        documentation > foaf:page
        conforms_to > dcterms:conformsTo
        format > dcterms:format
        theme > dcat:theme
    """),
    **_ways("datasets", """
        serves_dataset > dcat:servesDataset
    """),
}  # fmt: skip

DATASET |= _by_language("title", "notes", "description")
DISTRIBUTION |= _by_language("name")
DISTRIBUTION |= {key: way for key, way in DATASET.items() if key.startswith("description_")}

AGENTS = {
    "publisher": "dcterms:publisher", "dcat_publisher": "dcterms:publisher", "publication": "dcterms:publisher",
    "creator": "dcterms:creator", "author": "dcterms:creator", "contributor": "dcterms:contributor",
    "originator": "geodcatap:originator", "maintainer": "geodcatap:custodian",
}  # fmt: skip
"""Fields of bodies and people, as one field (a name, or dicts of the parts) or as one for each part (`publisher_name`)."""

AGENT_PARTS = (
    "name", "uri", "email", "url", "type", "contacttype", "identifier", "tel", "phone", "street", "city", "zip", "country",
)  # fmt: skip

# Keys of dates, the first that says something is the date.
ISSUED = ("issued", "dcat_issued", "date_released", "dateFirstPublished", "publishing_date", "exact_publishing_date")
MODIFIED = ("modified", "dcat_modified", "date_updated", "dateLastUpdated")
FILE_ISSUED = ("issued", "created")
FILE_MODIFIED = ("modified", "last_modified", "metadata_modified")


def _parts(thing: str, fields: str) -> dict[str, Field]:
    """`field, field2 > part` a line -> {field: (thing, part)}."""
    return {name: (thing, part) for name, (_, part) in _ways("", fields).items()}


PARTS: dict[str, Field] = {
    **{prefix: (prefix, "") for prefix in (*AGENTS, "contact")},
    **{f"{prefix}_{part}": (prefix, part) for prefix in (*AGENTS, "contact") for part in AGENT_PARTS},
    **_parts("contact", """
        contact_points, contact_point, contactPoint >
        contact_telephone > tel
        contact-email > email
    """),
    **_parts("organization", "organization >"),
    **_parts("period", """
        temporal_start, temporal_coverage_from > start
        temporal_end, temporal_coverage_to > end
        temporal_coverage, temporals, temporal, timeRange > list
    """),
    **_parts("place", """
        spatial, spatial_geom > geom
        spatial_text, spatialRelationship, geographical_coverage, spatial_info, spatial_name > text
        spatial_uri > uri
        spatial_bbox > bbox
        spatial_centroid > centroid
        spatial_coverage > list
        spatial_reference > reference
        bbox-west-long > west
        bbox-south-lat > south
        bbox-east-long > east
        bbox-north-lat > north
    """),
    **_parts("licence", """
        license_id > id
        license_url > url
        license_title > title
        license > id
        licenseAttributionByText, license_attribution_by_text, attribution_text, attribution > attribution
        terms_of_use > terms
    """),
    **_parts("identity", """
        identifier, metadata_original_id > identifier
        guid > guid
        id > id
        uri > uri
        alternate_identifier, doi > other
    """),
    **{key: ("date", key) for key in (*ISSUED, *MODIFIED, "metadata_modified", "dates", "date", "dataset-reference-date")},
    **_parts("contacts", "contacts >"),
    **_parts("resources", "resources >"),
    **_parts("navigation", "series_navigation >"),
}  # fmt: skip
"""Fields of a package that make up one thing together -> (thing, part)."""

FILE_PARTS: dict[str, Field] = {
    **_parts("licence", """
        license_id > id
        license > id
        license_url > url
        license_title > title
    """),
    **_parts("checksum", """
        hash > value
        hash_algorithm > algorithm
    """),
    **_parts("media", """
        mimetype, media_type > outer
        mimetype_inner > inner
    """),
    **_parts("address", """
        url > url
        url_type > kind
    """),
    **{key: ("date", key) for key in (*FILE_ISSUED, *FILE_MODIFIED)},
}  # fmt: skip
"""The same for a resource."""

TECHNICAL = _words("""
    archiver approval_status berlin_source ckan_url creator_user_id display_name download_count extras followers
    harvest_object_id harvest_source_id harvest_source_title harvest_source_portal homepage import_source is_featured isopen
    license_link main_group metadata-date metadata-language metadata_created metadata_harvested_portal metadata_imported
    metadata_original_portal metadata_original_xml metadata_transformed metadata_transformer metadata_uuid name notes_rendered
    num_followers num_resources num_tags ogd_version owner_org private publication_state qa rating ratings_average ratings_count
    relationships relationships_as_object relationships_as_subject resource_type resource_type_general revision_id
    revision_timestamp series_order_field series_order_type source_catalog_description source_catalog_homepage
    source_catalog_language source_catalog_modified source_catalog_publisher source_catalog_title spatial_harvester state
    title_for_slug total_downloads tracking_summary type username uuid version_id view_count views
""")
"""Fields of a package that say nothing about the data: left out of mapping, fingerprint and the list of unmapped fields."""

FILE_TECHNICAL = _words("""
    __extras archiver cache_filepath cache_last_updated cache_url ckan_url datastore_active datastore_append_or_update
    datastore_contains_all_records_of_source_file display_name distribution_ref download_count extras filename has_views id
    ignore_hash is_local_resource isopen last_harvested markdown_snippet num_views on_same_domain original_url package_id position
    preview qa resource_group_id resource_id resource_locator_function resource_locator_protocol resource_type revision_id
    revision_timestamp set_url_type state task_created tracking_summary uri validation_status validation_timestamp view_count
    webstore_last_updated webstore_url zh_hash
""")
"""The same for a resource."""

NOT_DATASETS = _words("""
    harvest harvest_source showcase application applications app apiset anwendung page pages blog news dashboard story user
""")
"""Types of packages that describe something else than data."""

SERIES = frozenset(("dataset_series", "dataset-series", "series"))

KNOWN = frozenset(DATASET) | frozenset(PARTS) | TECHNICAL
FILE_KNOWN = frozenset(DISTRIBUTION) | frozenset(FILE_PARTS) | FILE_TECHNICAL
