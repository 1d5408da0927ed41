import { Aurea } from './aurea.mts';
import { CrmCom } from './crmCom.mts';
import type { FakeVendor } from './vendor.mts';

/** All vendors. Each gets a server of its own, an option of `npm run vendors` for its port, and its credentials in n8n. */
export const VENDORS = { crmCom: CrmCom, aurea: Aurea } as const;

export type VendorName = keyof typeof VENDORS;

export const VENDOR_NAMES = Object.keys(VENDORS) as VendorName[];

/** What a person types to log in to the vendors, and calls to try. */
export function loginHelp(vendors: Readonly<Record<VendorName, FakeVendor>>): string {
	return VENDOR_NAMES.map((name) => vendors[name].help()).join('\n\n');
}
