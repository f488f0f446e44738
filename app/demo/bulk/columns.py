"""Which columns of which tables the large base fills, in the order in which COPY takes them."""

NULL = r"\N"

# Tables stand in the order in which their rows may name those of others.
COLUMNS = {
    "client": (
        "id kind name full_name address inn kpp comment owner_id extra created_at changed_at created_by_id"
    ),
    "contact_point": "id client_id kind value created_at changed_at",
    "deal": (
        "id number title client_id payer_id funnel_id stage_id stage_since amount owner_id "
        "address work_type source category expected_on production_on comment lost_reason "
        "closed_at extra created_at changed_at created_by_id"
    ),
    "lead": (
        "id received_at name phone typed_phone email handle words klass klass_reason state source "
        "page referrer utm extra owner_id client_id deal_id respond_by answered_at reject_reason "
        "created_at changed_at"
    ),
    "stage_visit": "id deal_id stage_id entered_at left_at actor_id",
    "change": "id at actor_id actor_name noun row_id deal_id field old new",
    "task": (
        "id title kind deal_id client_id stage_id assignee_id due_at done_at done_by_id result "
        "created_at changed_at created_by_id"
    ),
    "estimate": (
        "id deal_id revision state prepayment_percent valid_until terms total full cost vat "
        "sent_at agreed_at created_at changed_at created_by_id"
    ),
    "estimate_line": (
        "id estimate_id deal_id position section sku name size quantity unit okei price discount "
        "cost vat_percent"
    ),
    "payment": "id deal_id amount paid_on method payer purpose created_at changed_at",
    "shipment": "id deal_id shipped_on seller_id amount cost comment created_at changed_at created_by_id",
    "shipment_line": "id shipment_id deal_id name quantity unit amount cost",
}
