-- SPDX-License-Identifier: GPL-2.0-only
-- For manual pages: a row of a table becomes an item of a list, as terminals have
-- no room for columns. The second column is its text; of others the heading is told.
function Table(t)
    local simple = pandoc.utils.to_simple_table(t)
    local items = {}

    for _, row in ipairs(simple.rows) do
        local blocks = pandoc.List(row[2])
        for i = 3, #row do
            local text = pandoc.utils.blocks_to_inlines(simple.headers[i])
            text:extend({pandoc.Str(":"), pandoc.Space()})
            text:extend(pandoc.utils.blocks_to_inlines(row[i]))
            blocks:insert(pandoc.Para(text))
        end
        table.insert(items,
            {pandoc.utils.blocks_to_inlines(row[1]), {blocks}})
    end
    return pandoc.DefinitionList(items)
end
