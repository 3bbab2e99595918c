// Pupils as a school lists them. All invented; the numbers have right check digits.
export const HEADER = ["班号", "全国学籍号", "姓名", "性别", "出生日期", "入学年月", "班内学号", "民族", "家庭住址"];

const SURNAMES = "李关佟金赵于何郭马龚胡黄贾江梁林刘罗那白";
const GIVEN = ["沐阳", "雪晴", "语晨", "文博", "欣怡", "俊杰", "梓涵", "梦瑶", "宇轩", "书瑶", "佳怡", "景行", "星宇", "雅雯", "嘉豪", "思琪", "清如", "海洋"];

// GB 11643: 17 digits and a check digit.
export function citizenNumber(born, serial, isBoy) {
  const body = `210421${born.replace(/-/g, "")}${String((serial * 2 + (isBoy ? 1 : 0)) % 1000).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = [...body].reduce((total, digit, n) => total + Number(digit) * weights[n], 0);
  return body + "10X98765432"[sum % 11];
}

// One row for one pupil; `change` replaces cells by their header.
export function pupilRow(className, seat, serial, change = {}) {
  const isBoy = serial % 2 === 0;
  const born = `2013-0${1 + (serial % 9)}-1${serial % 10}`;
  const row = {
    班号: className,
    全国学籍号: `G${citizenNumber(born, serial, isBoy)}`,
    姓名: SURNAMES[serial % SURNAMES.length] + GIVEN[(serial * 7) % GIVEN.length],
    性别: isBoy ? "男" : "女",
    出生日期: born,
    入学年月: "2025-09",
    班内学号: String(seat),
    民族: serial % 3 ? "汉族" : "满族",
    家庭住址: `不该存的住址 ${serial} 号`,
    ...change,
  };
  return HEADER.map((title) => row[title]);
}

export function classRows(className, pupils, from = 1) {
  return Array.from({ length: pupils }, (_, n) => pupilRow(className, n + 1, from + n));
}

export function csv(rows) {
  return Buffer.from("\ufeff" + [HEADER, ...rows].map((row) => row.join(",")).join("\r\n") + "\r\n");
}
