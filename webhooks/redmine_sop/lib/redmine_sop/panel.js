// Without this script the panel stands below the attributes and every field is shown.
window.SopPanel = (function () {
  'use strict';

  function data(element, name) {
    try { return JSON.parse(element.getAttribute('data-' + name)) || []; } catch (e) { return []; }
  }

  // The page: the panel comes first, and empty fields of other steps are folded away.
  function page() {
    var panel = document.getElementById('sop-panel');
    var attributes = panel && panel.closest('.attributes');
    if (!attributes) return;
    attributes.parentNode.insertBefore(panel, attributes);
    showCurrent(panel);
    foldEmpty(panel, attributes);
  }

  function showCurrent(panel) {
    var list = panel.querySelector('.sop-way ol');
    var done = list.querySelectorAll('.sop-is-done');
    var current = list.querySelector('[aria-current]') || done[done.length - 1];
    if (current) list.scrollTop = current.offsetTop - list.clientHeight / 3;
  }

  function foldEmpty(panel, attributes) {
    var kept = data(panel, 'kept');
    var empty = data(panel, 'fields').filter(function (id) { return kept.indexOf(id) < 0; })
      .map(function (id) { return attributes.querySelector('.attribute.cf_' + id); })
      .filter(function (row) { return row && !row.querySelector('.value').textContent.trim(); });
    if (empty.length < 3) return;
    var button = document.createElement('button');
    button.type = 'button';
    button.className = 'sop-more';
    var columns = columnsOf(empty[0]);
    function show(open) {
      button.setAttribute('aria-expanded', String(open));
      button.textContent = panel.getAttribute(open ? 'data-less' : 'data-more').replace('%n', empty.length);
      empty.forEach(function (row) { row.hidden = !open; });
      spread(columns);
    }
    button.addEventListener('click', function () { show(button.getAttribute('aria-expanded') === 'false'); });
    show(false);
    attributes.appendChild(button);
  }

  function columnsOf(row) {
    var split = row.closest('.splitcontent');
    return split ? Array.from(split.querySelectorAll('.splitcontentleft, .splitcontentright')) : [];
  }

  // As many rows on the left as on the right, in their order, as Redmine does it with all of them.
  function spread(columns) {
    if (columns.length !== 2) return;
    var rows = columns.flatMap(function (column) { return Array.from(column.children); });
    var seen = rows.filter(function (row) { return !row.hidden; });
    var right = rows.indexOf(seen[Math.ceil(seen.length / 2)]);
    rows.forEach(function (row, index) { columns[right < 0 || index < right ? 0 : 1].appendChild(row); });
  }

  // The form: fields that neither the step nor its next moves need go behind a disclosure, by the step they belong to.
  // Called each time Redmine draws the form, also when another status is chosen.
  var opened = false;

  function form() {
    document.querySelectorAll('.sop-fold').forEach(function (fold) {
      var kept = data(fold, 'kept');
      var details = document.createElement('details');
      details.className = 'sop-others';
      details.open = opened || !!document.getElementById('errorExplanation');
      details.addEventListener('toggle', function () { opened = details.open; });
      var columns = [];
      data(fold, 'groups').forEach(function (each) {
        var rows = each[1].filter(function (id) { return kept.indexOf(id) < 0; }).map(rowOf).filter(mayFold);
        if (rows.length && !columns.length) columns = columnsOf(rows[0]);
        if (rows.length) details.appendChild(group(each[0], rows));
      });
      var count = details.querySelectorAll('fieldset > p').length;
      if (count) {
        var summary = document.createElement('summary');
        summary.textContent = fold.getAttribute('data-label').replace('%n', count);
        details.insertBefore(summary, details.firstChild);
        fold.parentNode.insertBefore(details, fold);
        spread(columns);
      }
      fold.remove();
    });
  }

  function rowOf(id) {
    var field = document.querySelector('#all_attributes [name^="issue[custom_field_values][' + id + ']"]');
    return field && field.closest('p');
  }

  // What Redmine asks for and is not there yet stays where it is.
  function mayFold(row) {
    if (!row || !row.querySelector('.required')) return !!row;
    return Array.from(row.querySelectorAll('input, select, textarea')).some(function (input) { return input.value.trim(); });
  }

  function group(title, rows) {
    var set = document.createElement('fieldset');
    var legend = document.createElement('legend');
    legend.textContent = title;
    set.appendChild(legend);
    rows.forEach(function (row) { set.appendChild(row); });
    return set;
  }

  return { page: page, form: form };
})();
