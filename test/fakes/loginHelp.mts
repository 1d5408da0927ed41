import type { Fakes } from './server.mts';

/** What a person types to log in to the fake vendors, and a call to try. */
export function loginHelp({ crmCom, crmComUrl, aurea, aureaUrl }: Fakes): string {
	const [user] = crmCom.users;
	const [key] = crmCom.keys;
	const [lhqUser] = aurea.users;
	return `CRM.COM ${crmCom.release} (credentials "CRM.COM User Login API" and "CRM.COM Web API Key API")
  Server URL     ${crmComUrl}
  User Name      ${user?.username}
  Password       ${user?.password}
  Organisation   ${user?.organisation}
  Unit ID        (leave it empty, or ${user?.units.join(' or ')})
  Web API Key    ${key?.key}
  Try            GET ${crmComUrl}/crmapi/rest/v2/contact_information/show?contact_information_identifier=number=CI000111

Aurea Campaign Manager (credential "Aurea Campaign Manager Login API")
  Server URL     ${aureaUrl}
  User Name      ${lhqUser?.username}
  Password       ${lhqUser?.password}
  Try            POST ${aureaUrl}/${lhqUser?.currentUid}/lists/ with {"mailingListName":"News"}`;
}
