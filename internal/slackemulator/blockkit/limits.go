package blockkit

// limit is the largest number of characters, items or units that Slack takes in
// one place, and where Slack says so.
type limit struct {
	max    int
	source string
}

const (
	blockDocs   = "https://docs.slack.dev/reference/block-kit/blocks/"
	elementDocs = "https://docs.slack.dev/reference/block-kit/block-elements/"
	objectDocs  = "https://docs.slack.dev/reference/block-kit/composition-objects/"
	viewDocs    = "https://docs.slack.dev/reference/views/"
)

// limits holds every limit of this package, one row each. Strings are measured
// in characters and lists in items where the row does not say otherwise.
var limits = struct {
	messageBlocks, viewBlocks                                limit
	messageBlocksText, messageText, viewBytes                limit
	blockID, actionID                                        limit
	text                                                     limit
	sectionText, sectionFields, sectionField                 limit
	headerText, headerLevel, markdownText                    limit
	actionsElements, contextElements, contextActionsElements limit
	imageAltText, imageTitle, imageURL                       limit
	inputLabel, inputHint                                    limit
	videoTitle, videoDescription, videoAuthorName            limit
	tableRows, tableCells, tableColumnSettings, tableCount   limit
	richTextIndent, richTextBorder                           limit
	buttonText, buttonValue, buttonURL, accessibilityLabel   limit
	placeholder                                              limit
	optionText, optionValue, optionDescription, optionURL    limit
	selectOptions, optionGroups, groupOptions, groupLabel    limit
	overflowOptions, checkboxesOptions, radioOptions         limit
	confirmTitle, confirmText, confirmButton                 limit
	inputInitialValue, inputMinLength, inputMaxLength        limit
	inputFiles                                               limit
	focusOnLoad                                              limit
	viewTitle, viewSubmit, viewClose                         limit
	viewPrivateMetadata, viewCallbackID, viewExternalID      limit
}{
	messageBlocks: limit{50, blockDocs},
	viewBlocks:    limit{100, blockDocs},
	// The sum of all text in a message's blocks. Slack documents none. Refusals
	// were reported from 11,300 to 13,300 characters, and a Slack engineer names
	// 12,000 "with a buffer for block containers". Whoever wants to be safe stays
	// below 8,000.
	messageBlocksText: limit{12_000, "https://github.com/slackapi/bolt-js/issues/2509 https://github.com/slackapi/bolt-js/issues/2867"},
	// The fallback text. chat.update refuses more with msg_too_long;
	// chat.postMessage takes more, but a message that cannot be updated is one
	// that the emulator should not let pass.
	messageText: limit{4_000, "https://docs.slack.dev/reference/methods/chat.update#errors"},
	viewBytes:   limit{250 * 1024, "https://docs.slack.dev/reference/methods/views.open#errors"},

	blockID:  limit{255, blockDocs},
	actionID: limit{255, elementDocs},

	text: limit{3_000, objectDocs + "text-object"},

	sectionText:   limit{3_000, blockDocs + "section-block"},
	sectionFields: limit{10, blockDocs + "section-block"},
	sectionField:  limit{2_000, blockDocs + "section-block"},
	headerText:    limit{150, blockDocs + "header-block"},
	// A heading of the levels 1 to 4.
	headerLevel:            limit{4, blockDocs + "header-block"},
	markdownText:           limit{12_000, blockDocs + "markdown-block"},
	actionsElements:        limit{25, blockDocs + "actions-block"},
	contextElements:        limit{10, blockDocs + "context-block"},
	contextActionsElements: limit{5, blockDocs + "context-actions-block"},
	imageAltText:           limit{2_000, blockDocs + "image-block"},
	imageTitle:             limit{2_000, blockDocs + "image-block"},
	imageURL:               limit{3_000, blockDocs + "image-block"},
	inputLabel:             limit{2_000, blockDocs + "input-block"},
	inputHint:              limit{2_000, blockDocs + "input-block"},
	// "Must be less than 200 characters", and less than 50 for the author.
	videoTitle:       limit{199, blockDocs + "video-block"},
	videoDescription: limit{199, blockDocs + "video-block"},
	videoAuthorName:  limit{49, blockDocs + "video-block"},

	tableRows:           limit{100, blockDocs + "table-block"},
	tableCells:          limit{20, blockDocs + "table-block"},
	tableColumnSettings: limit{20, blockDocs + "table-block"},
	// Tables in one message: a second one is only_one_table_allowed.
	tableCount: limit{1, blockDocs + "table-block"},
	// A level from 0.
	richTextIndent: limit{8, blockDocs + "rich-text-block"},
	// Drawn or not: 1 or 0.
	richTextBorder: limit{1, blockDocs + "rich-text-block"},

	buttonText:         limit{75, elementDocs + "button-element"},
	buttonValue:        limit{2_000, elementDocs + "button-element"},
	buttonURL:          limit{3_000, elementDocs + "button-element"},
	accessibilityLabel: limit{75, elementDocs + "button-element"},
	placeholder:        limit{150, elementDocs + "plain-text-input-element"},

	optionText:        limit{75, objectDocs + "option-object"},
	optionValue:       limit{150, objectDocs + "option-object"},
	optionDescription: limit{75, objectDocs + "option-object"},
	optionURL:         limit{3_000, objectDocs + "option-object"},
	selectOptions:     limit{100, elementDocs + "select-menu-element"},
	optionGroups:      limit{100, elementDocs + "select-menu-element"},
	groupOptions:      limit{100, objectDocs + "option-group-object"},
	groupLabel:        limit{75, objectDocs + "option-group-object"},
	overflowOptions:   limit{5, elementDocs + "overflow-menu-element"},
	checkboxesOptions: limit{10, elementDocs + "checkboxes-element"},
	radioOptions:      limit{10, elementDocs + "radio-button-group-element"},

	confirmTitle:  limit{100, objectDocs + "confirmation-dialog-object"},
	confirmText:   limit{300, objectDocs + "confirmation-dialog-object"},
	confirmButton: limit{30, objectDocs + "confirmation-dialog-object"},

	inputInitialValue: limit{3_000, elementDocs + "plain-text-input-element"},
	inputMinLength:    limit{3_000, elementDocs + "plain-text-input-element"},
	inputMaxLength:    limit{3_000, elementDocs + "plain-text-input-element"},
	inputFiles:        limit{10, elementDocs + "file-input-element"},
	// Elements of one view that ask for the focus.
	focusOnLoad: limit{1, elementDocs + "plain-text-input-element"},

	viewTitle:           limit{24, viewDocs + "modal-views"},
	viewSubmit:          limit{24, viewDocs + "modal-views"},
	viewClose:           limit{24, viewDocs + "modal-views"},
	viewPrivateMetadata: limit{3_000, viewDocs + "modal-views"},
	viewCallbackID:      limit{255, viewDocs + "modal-views"},
	viewExternalID:      limit{255, viewDocs + "modal-views"},
}
