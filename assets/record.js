// What a page of records is poorer without: a count on the button, names for the seats
// typed, keys for the review. Every form works without it.
(function () {
  'use strict';
  var form = document.querySelector('form[data-count]');
  if (form) {
    var boxes = [].slice.call(form.querySelectorAll('.who45 input'));
    var names = {};
    boxes.forEach(function (box) {
      var label = box.parentNode;
      names[label.querySelector('i').textContent] = { name: label.querySelector('b').textContent, box: box };
    });
    var all = form.querySelector('#mode-all');
    var there = function (box) { return all.checked !== box.checked; };
    var show = function () {
      form.querySelector('[data-n]').textContent = '，' + boxes.filter(there).length + ' 人';
      [].forEach.call(form.querySelectorAll('[data-seats]'), function (got) {
        got.textContent = '';
        var typed = document.getElementById(got.getAttribute('data-seats')).value;
        typed.split(/[\s,，、;；]+/).forEach(function (seat) {
          if (!seat) return;
          var known = names[String(parseInt(seat, 10))];
          var tag = document.createElement('span');
          var well = known && there(known.box);
          tag.className = 'tag ' + (well ? 'ok' : 'warn');
          tag.textContent = seat + ' ' + (known ? known.name : '不是本班的学号') + (known && !well ? ' 没参加，请核对' : '');
          got.appendChild(tag);
        });
      });
    };
    form.addEventListener('change', show);
    form.addEventListener('input', show);
    show();
  }
  var review = document.getElementById('review');
  if (review) {
    var returning = document.getElementById('ret');
    review.addEventListener('click', function (event) {
      var asks = event.target.closest && event.target.closest('a[data-key=n]');
      if (!asks) return;
      event.preventDefault();
      returning.open = true;
      returning.querySelector('textarea').focus();
    });
    document.addEventListener('keydown', function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== 'checkbox') return;
      var key = { KeyY: 'y', KeyN: 'n', ArrowDown: 'down' }[event.code];
      var target = key && review.querySelector('[data-key=' + key + ']');
      if (!target) return;
      event.preventDefault();
      target.click();
    });
  }
})();
